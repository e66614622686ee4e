/** What can be lost on the way into a format, and how it is told of `count` frames. */
const TEXTS = {
  fd: (count, name) => `${frames(count, 'CAN FD ')} left out: ${name} has none`,
  remote: (count, name) => `${frames(count, 'remote ')} left out: ${name} has none`,
  error: (count, name) => `${frames(count, 'error ')} left out: ${name} cannot hold what they say`,
  interfaces: count => `${frames(count)} left out: more than 256 interfaces cannot be told apart`,
  fdKind: (count, name) => `${frames(count, 'CAN FD ')} of up to 8 bytes became classic: ${name} does not mark them`,
  fdFlags: (count, name) =>
    `${frames(count, 'CAN FD ')} lost bit rate switch or error state: ${name} has no place for it`,
  fdLength: count => `${frames(count, 'CAN FD ')} filled with 00 up to the next length that has a code`,
  errorDetails: (count, name) => `${frames(count, 'error ')} lost all details: ${name} only says that there was one`,
  code: (count, name) => `${frames(count)} lost a length code above 8: ${name} has no place for it`,
  direction: (count, name) => `${frames(count)} lost the direction: ${name} has none`,
  unknownDirection: (count, name) => `${frames(count)} of unknown direction became received: ${name} has to say one`,
  interface: (count, name) => `${frames(count)} lost the interface: ${name} has none`,
  micros: (count, name) => `${times(count)} cut to microseconds: ${name} has no more decimals`,
  millis: (count, name) => `${times(count)} cut to milliseconds: ${name} has no more decimals`,
  range: (count, name) => `${times(count)} became 0: ${name} cannot hold them`,
} satisfies Record<string, (count: number, name: string) => string>

/** Something of a frame that its new format cannot hold. */
export type Loss = keyof typeof TEXTS

const LOSSES = Object.keys(TEXTS) as Loss[]

/** Counts what frames lose on the way into another format. */
export class Losses {
  readonly #counts = Object.fromEntries(LOSSES.map(loss => [loss, 0])) as Record<Loss, number>
  readonly #notes: string[] = []

  /** Counts one frame. */
  add(loss: Loss): void {
    this.#counts[loss]++
  }

  /** Keeps a note on what all frames have lost. */
  note(text: string): void {
    this.#notes.push(text)
  }

  /** One line on each loss, for a format that is called `name`; none where nothing was lost. */
  lines(name: string): string[] {
    const counts = this.#counts
    const counted = LOSSES.filter(loss => counts[loss] > 0).map(loss => TEXTS[loss](counts[loss], name))
    return [...counted, ...this.#notes]
  }
}

function frames(count: number, kind = ''): string {
  return `${count} ${kind}${count === 1 ? 'frame' : 'frames'}`
}

function times(count: number): string {
  return `${count} ${count === 1 ? 'time' : 'times'}`
}
