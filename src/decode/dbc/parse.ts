import type { Dbc, DbcMessage, DbcRange, DbcSignal, DbcText } from './dbc.ts'
import type { Findings } from './findings.ts'
import { EXTENDED, NO_MESSAGE, readMessage, readSignal } from './frame-statements.ts'
import { isStart, KEYWORDS } from './statements.ts'
import { Broken, TokenStream } from './token-stream.ts'
import { type Token, tokenize } from './tokens.ts'

/** Reads a DBC file. What is broken is told with its line and left out; nothing is thrown. */
export function parseDbc(text: string, findings: Findings): Dbc {
  return new Parser(new TokenStream(tokenize(text, findings.complain)), findings).parse()
}

class Parser {
  readonly #tokens: TokenStream
  readonly #findings: Findings
  readonly #messages = new Map<number, DbcMessage>()
  readonly #tables = new Map<string, readonly DbcText[]>()
  readonly #list: DbcMessage[] = []
  #version = ''
  #comment: string | undefined
  /** Whose signals follow; undefined where they are of no interest. */
  #message: DbcMessage | undefined

  constructor(tokens: TokenStream, findings: Findings) {
    this.#tokens = tokens
    this.#findings = findings
  }

  parse(): Dbc {
    while (this.#tokens.next !== undefined) {
      try {
        this.#statement(this.#tokens.next)
      } catch (error) {
        if (!(error instanceof Broken)) throw error
        this.#findings.complain(error.line, error.message)
        this.#tokens.skipTo(isStart)
      }
    }
    const comment = this.#comment === undefined ? {} : { comment: this.#comment }
    return { version: this.#version, messages: this.#list, ...comment }
  }

  #statement({ kind, text, line }: Token): void {
    const tokens = this.#tokens
    if (kind !== 'word' || !KEYWORDS.has(text)) {
      tokens.skipTo(isStart)
      throw new Broken(line, `${JSON.stringify(text.slice(0, 40))} begins no statement of a DBC file`)
    }
    tokens.skip()
    if (text === 'VERSION') this.#version = tokens.text('a version in quotes')
    else if (text === 'NS_') this.#skipNewSymbols()
    else if (text === 'BS_') tokens.skipTo(({ isFirst }) => isFirst)
    else if (text === 'BU_') this.#skipNodes()
    else if (text === 'BO_') this.#messageHead(line)
    else if (text === 'SG_') {
      const signal = readSignal(tokens, line)
      this.#message?.signals.push(signal)
    } else {
      this.#read(text, line)
      this.#end()
    }
  }

  #read(keyword: string, line: number): void {
    if (keyword === 'CM_') this.#commentOn(line)
    else if (keyword === 'BA_') this.#attribute(line)
    else if (keyword === 'VAL_') this.#values(line)
    else if (keyword === 'VAL_TABLE_') this.#tables.set(this.#tokens.word('the name of a table'), this.#texts())
    else if (keyword === 'SIG_VALTYPE_') this.#valueType(line)
    else if (keyword === 'SG_MUL_VAL_') this.#multiplexValues(line)
    else this.#tokens.skipTo(({ text, isFirst }) => text === ';' || (isFirst && KEYWORDS.has(text)))
  }

  /** The list of what the file may use has each word on a line of its own. */
  #skipNewSymbols(): void {
    const tokens = this.#tokens
    tokens.takes(':')
    while (tokens.next?.kind === 'word' && (tokens.afterNext?.isFirst ?? true)) tokens.skip()
  }

  /** The list of nodes may have several lines. */
  #skipNodes(): void {
    const tokens = this.#tokens
    tokens.takes(':')
    while (tokens.next?.kind === 'word' && !KEYWORDS.has(tokens.next.text)) tokens.skip()
  }

  #messageHead(line: number): void {
    this.#message = undefined
    const head = readMessage(this.#tokens, line)
    if (head === undefined) return
    const { number, message } = head
    const { name } = message
    if (number < EXTENDED && message.isExtended) {
      this.#findings.remark(line, `${name}: the ID ${number} is taken for extended`)
    }
    this.#message = message
    this.#list.push(message)
    if (this.#messages.has(number)) this.#findings.remark(line, `${name}: the number ${number} stands twice`)
    else this.#messages.set(number, message)
  }

  /** `CM_ SG_ id name "text";` */
  #commentOn(line: number): void {
    const tokens = this.#tokens
    if (tokens.next?.kind === 'text') {
      this.#comment ??= tokens.text('a comment')
      return
    }
    const target = this.#target(line)
    const comment = tokens.text('a comment in quotes')
    if (target !== undefined) target.comment = comment
  }

  /** `BA_ "name" SG_ id name value;`: names of more than 32 characters, cycle times. */
  #attribute(line: number): void {
    const tokens = this.#tokens
    const name = tokens.text('the name of an attribute')
    const target = tokens.isWord ? this.#target(line, true) : undefined
    const value = tokens.next?.text ?? ''
    tokens.skipTo(({ text, kind, isFirst }) => (kind === 'sign' && text === ';') || (isFirst && KEYWORDS.has(text)))
    if (target === undefined) return
    const isName = name === 'SystemSignalLongSymbol' || name === 'SystemMessageLongSymbol'
    if (isName && /^[A-Za-z_]\w*$/.test(value)) target.longName = value
    else if (name === 'GenMsgCycleTime' && 'signals' in target) target.cycleTime = Number(value)
  }

  /** `VAL_ id name 1 "text" 0 "text";`, or the name of a table for the texts. */
  #values(line: number): void {
    const tokens = this.#tokens
    if (tokens.isWord) {
      tokens.skipTo(({ text }) => text === ';') // of an environment variable
      return
    }
    const signal = this.#signalOf(line)
    const texts = tokens.isWord ? this.#tables.get(tokens.word('a table')) : this.#texts()
    if (signal !== undefined && texts !== undefined) signal.texts = texts
  }

  #texts(): readonly DbcText[] {
    const tokens = this.#tokens
    const texts: DbcText[] = []
    while (tokens.next?.kind === 'number') {
      const raw = tokens.whole('a whole number')
      texts.push({ raw, text: tokens.text(`a text for ${raw}`) })
    }
    return texts
  }

  /** `SIG_VALTYPE_ id name : 1;` */
  #valueType(line: number): void {
    const signal = this.#signalOf(line)
    this.#tokens.takes(':')
    const type = this.#tokens.whole('a type, 0 to 3', 0, 3)
    if (signal === undefined || type === 0) return
    if ((type === 1 && signal.length === 32) || (type === 2 && signal.length === 64)) signal.isFloat = true
    else this.#findings.remark(line, `${signal.name}: its ${signal.length} bits are no IEEE 754 number`)
  }

  /** `SG_MUL_VAL_ id name multiplexer 1-1, 3-5;` */
  #multiplexValues(line: number): void {
    const signal = this.#signalOf(line)
    const multiplexer = this.#tokens.word('the name of a multiplexer')
    const ranges: DbcRange[] = []
    do ranges.push(this.#range())
    while (this.#tokens.takes(','))
    if (signal !== undefined) signal.extended = { multiplexer, ranges, line }
  }

  /** `3-5`, of which `-5` looks like a number. */
  #range(): DbcRange {
    const tokens = this.#tokens
    const least = tokens.whole('the least value of a range', 0)
    tokens.takes('-')
    const most = Math.abs(tokens.whole('the greatest value of a range'))
    if (most < least) throw new Broken(tokens.line, `${least}-${most} is no range`)
    return [least, most]
  }

  /** The message or signal that a statement is about; undefined where it is about something else. */
  #target(line: number, isQuiet = false): DbcMessage | DbcSignal | undefined {
    const kind = this.#tokens.word('what it is about')
    if (kind === 'BO_') return this.#messages.get(this.#tokens.whole('the number of a message', 0, 0xffffffff))
    if (kind === 'SG_') return this.#signalOf(line, isQuiet)
    this.#tokens.skip() // the name of a node or an environment variable
    return undefined
  }

  #signalOf(line: number, isQuiet = false): DbcSignal | undefined {
    const number = this.#tokens.whole('the number of a message', 0, 0xffffffff)
    const name = this.#tokens.word('the name of a signal')
    const signal = this.#messages.get(number)?.signals.find(({ name: own }) => own === name)
    const isKnown = signal !== undefined || number === NO_MESSAGE || isQuiet
    if (!isKnown) this.#findings.remark(line, `there is no signal ${name} in the message ${number}`)
    return signal
  }

  /** Statements end with a semicolon, which some tools forget. */
  #end(): void {
    if (this.#tokens.takes(';') || this.#tokens.next === undefined || isStart(this.#tokens.next)) return
    throw this.#tokens.expected('";"')
  }
}
