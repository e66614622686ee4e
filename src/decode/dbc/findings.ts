/** Something about a line of a DBC file, from 1. */
export interface Finding {
  readonly line: number
  readonly text: string
}

/** More of them help nobody. */
const MOST = 100

/** What was found in a DBC file: what is broken in it, and what of it was left out or changed. */
export class Findings {
  readonly broken: Finding[] = []
  readonly remarks: Finding[] = []
  /** Those that are not in the lists any more. */
  more = 0

  readonly complain = (line: number, text: string): void => this.#add(this.broken, line, text)
  readonly remark = (line: number, text: string): void => this.#add(this.remarks, line, text)

  #add(list: Finding[], line: number, text: string): void {
    if (list.length < MOST) list.push({ line, text })
    else this.more++
  }
}
