/** Bytes after ESC [ or ESC O of the keys that have a name here. */
const SEQUENCES: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '5~': 'pageup',
  '6~': 'pagedown',
}

const CONTROLS: Readonly<Record<string, string>> = {
  '\u0003': 'ctrl-c',
  '\u000c': 'ctrl-l',
  '\r': 'enter',
  '\n': 'enter',
  '\u001a': 'ctrl-z',
}

/** A whole sequence, one that goes on, or none. */
const SEQUENCE = /^(?:\[[0-9;?<]*[A-Za-z~]|O[A-Za-z])/
const BEGINNING = /^(?:\[[0-9;?<]*|O)?$/
/** No key sends more. */
const LONGEST = 32

/** Cuts what a terminal sends into keys: a character, or the name of a key that has none. */
export class KeyReader {
  /** What may be the beginning of a sequence, after its ESC. */
  #rest: string | undefined

  push(text: string): string[] {
    const keys: string[] = []
    for (const character of text) {
      const key = this.#rest === undefined ? this.#first(character) : this.#next(character)
      if (key !== undefined) keys.push(key)
    }
    if (this.#rest === '') keys.push('escape') // the key itself, unless the rest is late: those characters are no keys
    return keys
  }

  #first(character: string): string | undefined {
    if (character !== '\u001b') return CONTROLS[character] ?? (character >= ' ' ? character : undefined)
    this.#rest = ''
    return undefined
  }

  #next(character: string): string | undefined {
    const rest = this.#rest + character
    if (SEQUENCE.test(rest)) {
      this.#rest = undefined
      return SEQUENCES[rest.slice(1).replace(/^\d*;\d+(?=[A-Z])|;\d+(?=~)/, '')] // without Shift, Alt and Ctrl
    }
    if (BEGINNING.test(rest) && rest.length < LONGEST) {
      this.#rest = rest
      return undefined
    }
    this.#rest = undefined
    return this.#first(character) // an escape before something else
  }
}
