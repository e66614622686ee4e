import { boxItems, cellRows, FLAG_ROWS } from './box-items.ts'
import { fixed, whole } from './format.ts'
import { dimmed, type Line, type Placed, placed, span } from './line.ts'
import { curveName, curveText, isOld, type Look } from './look.ts'
import type { Module } from './stack.ts'
import { whyOld } from './why-old.ts'

/** Columns of the smallest box, its frame with it. */
export const BOX_COLUMNS = 80

/** Lines that the box of a module takes. */
export function boxHeight(module: Module): number {
  return Math.max(FLAG_ROWS, cellRows(module) + 1) + 2
}

/**
 * The picture of a module with all its cells, temperatures and status bits, in a frame of `columns`, which are
 * `BOX_COLUMNS` or more; `height` is `boxHeight` or more.
 */
export function box(module: Module, columns: number, height: number, look: Look): Line[] {
  const inner = columns - 2
  const { vertical } = look.glyphs
  const rows = Array.from({ length: height - 2 }, (): Placed[] => [])
  for (const [row, item] of boxItems(module, look)) rows[row]?.push(item)
  const edge = span(vertical, 'border')
  const lines = [
    topEdge(module, inner, look),
    ...rows.map(own => [edge, ...placed(inner, own), edge]),
    bottomEdge(module, inner, look),
  ]
  return isOld(module, look) ? lines.map(dimmed) : lines
}

function topEdge(module: Module, inner: number, look: Look): Line {
  const { horizontal, topLeft, topRight } = look.glyphs
  const name = `Pack ${module.number}`
  const room = inner - name.length - 2
  const title = titles(module).find(text => text.length <= room) ?? ''
  const rest = horizontal.repeat(Math.max(0, inner - name.length - title.length - 1))
  return [
    span(topLeft, 'border'),
    span(name, 'strong'),
    span(rest, 'border'),
    span(` ${title}`, 'strong'),
    span(topRight, 'border'),
  ]
}

/** What a module does as a whole, the longest text first. Percent and W are cut off towards zero. */
export function titles({ remainingAh, totalAh, soc, voltage, current, power, cycles }: Module): readonly string[] {
  const charge = `${fixed(remainingAh, 1, 7)}Ah / ${fixed(totalAh, 1, 7)}Ah`
  const percent = `${whole(soc, 4)}%`
  const flow = `${fixed(voltage, 3, 7)}V @ ${fixed(current, 1, 6).padStart(4)}A = ${whole(power, 7).padStart(3)}W`
  return [
    `${charge} (${percent} SOC) / ${flow} / ${cycles === null ? '- cycles' : `${whole(cycles, 6)} cycles`}`,
    `${charge} (${percent} SOC) / ${flow}`,
    `${percent} / ${flow}`,
    percent,
  ]
}

function bottomEdge(module: Module, inner: number, look: Look): Line {
  const { horizontal, bottomLeft, bottomRight } = look.glyphs
  const old = isOld(module, look) ? ` stale ${whyOld(module, look)} ` : ''
  const name = curveName(look, look.metric)
  const curve = curveText(module.key, inner - old.length - name.length - 4, look, look.metric)
  const drawn = curve === '' ? '' : ` ${name} ${curve} `
  const rest = Math.max(0, inner - 1 - old.length - drawn.length)
  return [
    span(bottomLeft + horizontal, 'border'),
    span(old, 'warning'),
    span(drawn),
    span(horizontal.repeat(rest) + bottomRight, 'border'),
  ]
}
