import type { MessageDefinition, PlaceUnit, Report } from './definition.ts'
import { parsePlace } from './place.ts'
import { type FieldPlan, type Layout, READ, type SlotCondition } from './plan.ts'

/** The bits `[start, end)` of a field, counted from the least significant of the first byte. */
interface Span {
  readonly start: number
  readonly end: number
  readonly index: number
}

interface Placed {
  readonly plan: FieldPlan
  readonly spans: readonly Span[]
  /** Names a bit of a byte or register rather than a whole one. */
  readonly isPart: boolean
}

/** Reports each field that takes bits of an earlier one; `layout` holds the fields that one model has. */
export function checkPlaces(layout: Layout, rows: MessageDefinition['fields'], unit: PlaceUnit, report: Report): void {
  if (unit === 'protobuf') {
    checkFieldNumbers(layout, report)
    return
  }
  const placed = layout.fields.map((plan, index) => ({
    plan,
    spans: spansOf(plan, index),
    isPart: unit === 'bit' ? plan.bits < 8 : (parsePlace(rows[plan.name]![0])?.bit ?? -1) >= 0,
  }))
  for (const [later, earlier] of overlaps(placed)) {
    const { name } = placed[later]!.plan
    const other = placed[earlier]!
    const suggestion = `${other.plan.name} takes ${extent(other, unit)}; say "overlap": true if both are meant`
    report(name, `at ${rows[name]![0]} overlaps ${other.plan.name}`, suggestion)
  }
}

function spansOf(plan: FieldPlan, index: number): Span[] {
  if (plan.at < 0) return []
  const count = plan.repeat === undefined ? 1 : plan.repeat.slot >= 0 ? 1 : plan.repeat.fixed
  const size = (plan.layout === undefined ? plan.need : plan.layout.size) * count
  if (plan.segments.length === 0 || count !== 1) return [{ start: plan.at * 8, end: (plan.at + size) * 8, index }]
  const spans: Span[] = []
  for (let i = 0; i < plan.segments.length; i += 3) {
    const start = (plan.at + plan.segments[i]!) * 8 + plan.segments[i + 1]!
    spans.push({ start, end: start + plan.segments[i + 2]!, index })
  }
  return spans
}

/** For each field that takes bits of earlier ones without leave: the first of those. */
function overlaps(placed: readonly Placed[]): Map<number, number> {
  const found = new Map<number, number>()
  let open: Span[] = []
  const inOrder = placed.flatMap(({ spans }) => spans).sort((a, b) => a.start - b.start)
  for (const span of inOrder) {
    open = open.filter(({ end }) => end > span.start)
    for (const { index } of open) {
      const earlier = Math.min(index, span.index)
      const later = Math.max(index, span.index)
      if (earlier === later || (found.get(later) ?? Number.POSITIVE_INFINITY) <= earlier) continue
      if (!mayOverlap(placed[earlier]!, placed[later]!)) found.set(later, earlier)
    }
    if (span.end > span.start) open.push(span)
  }
  return new Map([...found].sort(([a], [b]) => a - b))
}

function mayOverlap(earlier: Placed, later: Placed): boolean {
  if (later.plan.options.overlap === true) return true
  if (isBitOf(earlier, later) || isBitOf(later, earlier)) return true
  return excludes(earlier.plan.when, later.plan.when)
}

/** Whether `part` is some bits of the whole number `word`. */
function isBitOf(part: Placed, word: Placed): boolean {
  if (!part.isPart || word.isPart || word.plan.repeat !== undefined || word.plan.read > READ.bigBits) return false
  return part.spans.every(({ start, end }) => word.spans.some(other => other.start <= start && other.end >= end))
}

/** Whether two conditions never hold together. */
function excludes(a: SlotCondition | undefined, b: SlotCondition | undefined): boolean {
  if (a === undefined || b === undefined || a.slot !== b.slot) return false
  if (a.operator === '!=' || b.operator === '!=') return a.operator !== b.operator && isEqual(a, b)
  const [lowA, highA] = rangeOf(a)
  const [lowB, highB] = rangeOf(b)
  return highA < lowB || highB < lowA
}

function isEqual(a: SlotCondition, b: SlotCondition): boolean {
  return a.value === b.value && (a.operator === '==' || b.operator === '==')
}

/** The whole numbers, both included, for which a condition holds. */
function rangeOf({ operator, value }: SlotCondition): [number, number] {
  const low = operator === '>' ? Math.floor(value) + 1 : operator.startsWith('<') ? Number.NEGATIVE_INFINITY : value
  const high = operator === '<' ? Math.ceil(value) - 1 : operator.startsWith('>') ? Number.POSITIVE_INFINITY : value
  return [low, high]
}

function extent({ spans }: Placed, unit: PlaceUnit): string {
  const size = unit === 'register' ? 16 : unit === 'byte' ? 8 : 1
  const first = Math.floor(Math.min(...spans.map(({ start }) => start)) / size)
  const last = Math.ceil(Math.max(...spans.map(({ end }) => end)) / size) - 1
  return first === last ? `${unit} ${first}` : `${unit}s ${first} to ${last}`
}

/** Protobuf: no number twice, and none inside a field that is read as a value. */
function checkFieldNumbers({ fields }: Layout, report: Report): void {
  const taken = new Map<string, string>()
  for (const { name, path } of fields) {
    const id = path.join('.')
    const other = taken.get(id)
    if (other !== undefined) report(name, `at ${id} overlaps ${other}`, 'a field number has one meaning')
    else taken.set(id, name)
  }
  for (const { name, path } of fields) {
    for (let depth = 1; depth < path.length; depth++) {
      const outer = taken.get(path.slice(0, depth).join('.'))
      if (outer !== undefined) report(name, `at ${path.join('.')} lies inside ${outer}, which is read as a value`)
    }
  }
}
