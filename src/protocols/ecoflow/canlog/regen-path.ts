const DEFAULT = 'regen.out/YY/MMDD/HHmm'

/** The file of a group of frames: a pattern with the parts of its first frame's local time, and `.can`. */
export function regenPath(pattern: string, ms: number, compat: boolean): string {
  const text = pattern === '' ? DEFAULT : pattern
  const date = new Date(ms)
  return `${compat ? formatted(text, date) : expanded(text, date)}.can`
}

const PARTS = /YYYY|YY|MM|DD|HH|mm|ss/g

/** Date parts are put in inside braces and in the last three parts of the path, nowhere else. */
function expanded(pattern: string, date: Date): string {
  const parts = pattern.split('/')
  return parts
    .map((part, i) => {
      if (/\{[^}]*\}/.test(part)) return part.replace(/\{([^}]*)\}/g, (_, inner: string) => dated(inner, date))
      return i >= parts.length - 3 ? dated(part, date) : part
    })
    .join('/')
}

function dated(text: string, date: Date): string {
  return text.replace(PARTS, part => token(part, date))
}

const TOKENS = /\[([^\]]+)\]|Y{4}|YY|M{1,2}|D{1,2}|d|H{1,2}|h{1,2}|a|A|m{1,2}|s{1,2}|S{3}|ZZ|Z/g

/** The original formats the whole path, folders too; what must stay stands in brackets. */
function formatted(pattern: string, date: Date): string {
  return pattern.replace(TOKENS, (part, literal: string | undefined) => literal ?? token(part, date))
}

function token(part: string, date: Date): string {
  const hours = date.getHours()
  switch (part[0]) {
    case 'Y':
      return part.length === 4 ? String(date.getFullYear()) : two(date.getFullYear() % 100)
    case 'M':
      return padded(date.getMonth() + 1, part)
    case 'D':
      return padded(date.getDate(), part)
    case 'd':
      return String(date.getDay())
    case 'H':
      return padded(hours, part)
    case 'h':
      return padded(hours % 12 || 12, part)
    case 'A':
      return hours < 12 ? 'AM' : 'PM'
    case 'a':
      return hours < 12 ? 'am' : 'pm'
    case 'm':
      return padded(date.getMinutes(), part)
    case 's':
      return padded(date.getSeconds(), part)
    case 'S':
      return String(date.getMilliseconds()).padStart(3, '0')
    default:
      return zone(date, part === 'Z' ? ':' : '')
  }
}

function padded(value: number, part: string): string {
  return part.length === 2 ? two(value) : String(value)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function zone(date: Date, colon: string): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`
}
