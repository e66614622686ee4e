/**
 * A screen of a terminal as a picture. Lines and blocks are drawn, not written, so that they meet whatever the font; every
 * text is stretched to its columns.
 */

const COLUMN = 8.4
const ROW = 17
const MARGIN = 12
const FONT = 14
const BACKGROUND = '#101418'
const FOREGROUND = '#d0d4d8'
/** Black, red, green, yellow, blue, magenta, cyan, white; then their bright ones. */
const COLORS = [
  ...['#1c2026', '#e0524c', '#57b364', '#d9a43b', '#3f7fd6', '#b077d0', '#4fb3bf', '#d0d4d8'],
  ...['#5c6370', '#ff6b64', '#7fd88b', '#f0c75e', '#6fa8f5', '#cf9bea', '#7ad6e0', '#ffffff'],
]
const LEVELS = '▁▂▃▄▅▆▇█'
/** Lines from the middle of a character to its left, right, top and bottom. */
const FRAMES = { '─': 'lr', '│': 'tb', '┌': 'rb', '┐': 'lb', '└': 'rt', '┘': 'lt' }

/** The picture of what `tmux capture-pane -p -e` printed, so many columns wide, as a document of SVG. */
export function terminalSvg(screen, columns, title) {
  const lines = screen.replace(/\n$/, '').split('\n')
  const [width, height] = [columns * COLUMN + 2 * MARGIN, lines.length * ROW + 2 * MARGIN]
  const parts = runsOf(lines).flatMap(run => drawn(run))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${number(width)} ${number(height)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT}" xml:space="preserve">`,
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Pieces that look the same: text, row, column, colours. What a line ends with holds for the next one. */
function runsOf(lines) {
  const runs = []
  let look = {}
  for (const [row, line] of lines.entries()) {
    let column = 0
    for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
      if (text === undefined) look = codes.split(';').map(Number).reduce(changed, look)
      // what is drawn stands apart from what is written
      for (const piece of text?.match(/ +|[─│┌┐└┘]+|[▁-█]+|[^ ─│┌┐└┘▁-█]+(?: [^ ─│┌┐└┘▁-█]+)*/g) ?? []) {
        runs.push({ text: piece, row, column, look })
        column += piece.length
      }
    }
  }
  return runs
}

function changed(look, code) {
  if (code === 0) return {}
  if (code === 1) return { ...look, bold: true }
  if (code === 2) return { ...look, dim: true }
  if (code === 7) return { ...look, reverse: true }
  if (code === 22) return { ...look, bold: false, dim: false }
  if (code === 27) return { ...look, reverse: false }
  if (code === 39) return { ...look, front: undefined }
  if (code === 49) return { ...look, back: undefined }
  if (code >= 30 && code <= 37) return { ...look, front: COLORS[code - 30] }
  if (code >= 90 && code <= 97) return { ...look, front: COLORS[code - 82] }
  if (code >= 40 && code <= 47) return { ...look, back: COLORS[code - 40] }
  return look
}

function drawn({ text, row, column, look }) {
  const [front, back] = look.reverse
    ? [look.back ?? BACKGROUND, look.front ?? FOREGROUND]
    : [look.front ?? FOREGROUND, look.back]
  const [x, y] = [MARGIN + column * COLUMN, MARGIN + row * ROW]
  const width = text.length * COLUMN
  const opacity = look.dim ? ' opacity="0.6"' : ''
  const behind = back === undefined ? [] : [rectangle(x, y, width, ROW, back, '')]
  if (text.trim() === '') return behind
  if (LEVELS.includes(text[0]))
    return [...behind, ...[...text].map((level, i) => block(level, x + i * COLUMN, y, front, opacity))]
  if (FRAMES[text[0]] !== undefined) return [...behind, frame(text, x, y, front, opacity)]
  const weight = look.bold ? ' font-weight="bold"' : ''
  const place = `x="${number(x)}" y="${number(y + ROW - 4.5)}" textLength="${number(width)}"`
  return [...behind, `<text ${place} fill="${front}"${weight}${opacity}>${escaped(text)}</text>`]
}

function block(level, x, y, color, opacity) {
  const height = ((LEVELS.indexOf(level) + 1) / LEVELS.length) * (ROW - 2)
  return rectangle(x, y + ROW - 1 - height, COLUMN - 0.6, height, color, opacity)
}

function frame(text, x, y, color, opacity) {
  const path = [...text].map((character, i) => {
    const [left, middle] = [number(x + i * COLUMN), number(x + (i + 0.5) * COLUMN)]
    const right = number(x + (i + 1) * COLUMN)
    const center = number(y + ROW / 2)
    const ends = {
      l: `${left} ${center}`,
      r: `${right} ${center}`,
      t: `${middle} ${number(y)}`,
      b: `${middle} ${number(y + ROW)}`,
    }
    const [from, to] = FRAMES[character]
    return `M${ends[from]}L${middle} ${center}L${ends[to]}`
  })
  return `<path d="${path.join('')}" stroke="${color}" fill="none"${opacity}/>`
}

function rectangle(x, y, width, height, color, opacity) {
  const place = `x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`
  return `<rect ${place} fill="${color}"${opacity}/>`
}

function number(value) {
  return String(Math.round(value * 10) / 10)
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
