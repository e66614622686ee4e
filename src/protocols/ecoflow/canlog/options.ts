/** What a run of `canlog` is asked to do, after the command line has been understood. */
export interface CanlogOptions {
  /** Byte-exact behaviour of the original tool, quirks included. */
  readonly compat: boolean
  readonly filters: FilterOptions
  readonly columns: ColumnOptions
  readonly reports: ReportOptions
  /** Lines of messages are not printed. */
  readonly quiet: boolean
  readonly showD: boolean
  readonly showE: boolean
  readonly showUnknown: boolean
  /** Problems are printed as they occur. */
  readonly errors: boolean
  /** A serial that differs from the known one ends the run. */
  readonly abort: boolean
  readonly debug: boolean
  /** Payload XOR on channel B: as the header says, never, or always. */
  readonly xor: 'header' | 'never' | 'always'
  /** Whole factor on time stamps. */
  readonly timeFactor: number
  /** Instead of the log's time: so many ms from one line to the next. */
  readonly timeStep: number | undefined
  /** Mask serial numbers in everything that goes out. */
  readonly redact: boolean
  /** Window of `--reduce` in ms; undefined: repeats pass. */
  readonly reduceMs: number | undefined
  /** Sampling of frequent records; `across`: windows go on over minute borders. */
  readonly sample: 'off' | 'minute' | 'across'
  readonly regen: string | undefined
  /** Print raw frames instead of writing files: of all messages (empty) or of those with this rendered time. */
  readonly pick: string | undefined
}

/** Header filters; an absent one lets everything pass. Texts are upper case except `hexHas`. */
export interface FilterOptions {
  readonly nodes?: ReadonlySet<string>
  readonly command?: string
  readonly channel?: string
  readonly startCommand?: string
  readonly pre?: string
  readonly rty?: ReadonlySet<string>
  readonly typ?: ReadonlySet<string>
  readonly ty2?: ReadonlySet<string>
  readonly excludedRty?: ReadonlySet<string>
  readonly rrf?: ReadonlySet<string>
  readonly mty?: string
  readonly mad?: string
  readonly mde?: string
  readonly mda?: string
  readonly mrt?: string
  readonly sh2?: string
  readonly dv1?: string
  readonly dev?: string
  readonly dv4?: ReadonlySet<string>
  readonly length?: number
  readonly str?: string
  readonly smo?: string
  readonly hexHas?: string
  readonly headerHas?: string
  readonly headerTailHas?: string
  /** Streams (`str`) to leave out. */
  readonly excludedStr?: ReadonlySet<string>
}

/** Columns of a text line beyond those that are always there. */
export interface ColumnOptions {
  readonly separator: string
  readonly time: boolean
  readonly startCommand: boolean
  readonly str: boolean
  readonly smo: boolean
  readonly serial: boolean
  readonly header: boolean
  readonly pairs: boolean
  readonly crc: boolean
  readonly hex: 'off' | 'plain' | 'diff'
  readonly decimal: boolean
  readonly chars: boolean
  readonly record: boolean
  /** `--rec=used`: how many bytes of the payload the record covers. */
  readonly used: boolean
  readonly message: boolean
  readonly sequenceDelta: boolean
  readonly repeats: boolean
  readonly field: string | undefined
}

export interface ReportOptions {
  readonly count: 'off' | 'print' | 'save'
  readonly sum: boolean
  readonly hist: boolean
  /** Digits of `HHmmssSSS` that make a row's time. */
  readonly pivot: number | undefined
  readonly stat: boolean
  readonly scan: readonly [number, number] | undefined
  readonly scanFloat: readonly [number, number] | undefined
  readonly signed: boolean
  readonly meta: string | undefined
  readonly pmm: boolean
  readonly grid: boolean
}
