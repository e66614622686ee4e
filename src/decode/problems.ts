import type { Problem, Report } from './definition.ts'

/** Nobody reads more; a file with so many is of another kind altogether. */
export const MAX_PROBLEMS = 200

const MAX_PLACE_TEXT = 160
const MAX_TEXT = 400

/** Ends a check that has found enough. */
export class Enough extends Error {}

/** Problems as they are found, each once; throws `Enough` when there are too many. */
export class ProblemList {
  readonly problems: Problem[] = []
  readonly #seen = new Set<string>()

  readonly report: Report = (place, text, suggestion) => {
    const problem = {
      place: clip(visible(place), MAX_PLACE_TEXT),
      text: clip(visible(text), MAX_TEXT),
      ...(suggestion === undefined ? {} : { suggestion: clip(visible(suggestion), MAX_TEXT) }),
    }
    const id = `${problem.place}\n${problem.text}`
    if (this.#seen.has(id)) return
    this.#seen.add(id)
    this.problems.push(problem)
    if (this.problems.length < MAX_PROBLEMS) return
    this.problems.push({ place: '', text: `there are more than ${MAX_PROBLEMS} problems; the rest is not listed` })
    throw new Enough()
  }
}

/** One line for people: `structs/lxp.json: input.pv1_voltage: at 1 overlaps vbat; ...`. */
export function problemLine(file: string, { place, text, suggestion }: Problem): string {
  const where = place === '' ? visible(file) : `${visible(file)}: ${place}`
  return suggestion === undefined ? `${where}: ${text}` : `${where}: ${text}; ${suggestion}`
}

/** A text without what would move a terminal's cursor. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`
}
