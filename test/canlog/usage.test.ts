process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { b, everySecond } from './build-log.ts'
import { B, HEX, timed } from './expected.ts'
import { canlog, run } from './run.ts'

const log = everySecond(b(), b({ flags: 0x2d }))
const files = { 'x.log': log, diff: log }

/** Options that take a value, all of them in the form of the page. */
const VALUED =
  'node nodes cmd chan pre rty rtys typ typs ty2 ty2s xrty rrf rrfs mty mad mrt mda mde sh2 dv1 dev dv4 dv4s dvs4 len hexhas hdrhas dhas field duptime tf tinc scan scanf structs format color'.split(
    ' ',
  )
/** Those whose value is a number, text of the user's, or one of a few words. */
const OTHER = ['len', 'field', 'duptime', 'tf', 'tinc', 'scan', 'scanf', 'structs', 'format', 'color']

/** Those whose value may be left out, but for `--excl`, which wants a file. */
const OPTIONAL = ['hex', 'str', 'smo', 'flg', 'rec', 'sample', 'regen', 'pick', 'count', 'pivot', 'pmm', 'meta']

describe('an option that needs a value', () => {
  test.each(VALUED)('is wrong usage without one at the end: --%s', async name => {
    const { code, out, err } = await canlog(log, `--${name}`)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(new RegExp(`^wattzup: option '.*--${name} <.*>' argument missing\\n$`))
  })

  test.each(VALUED.filter(name => name !== 'structs'))('does not take the next option for it: --%s', async name => {
    const { code, out, err } = await canlog(log, `--${name}`, '--hex')
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^wattzup: [^\n]*\n$/)
  })

  test.each(VALUED.filter(name => !OTHER.includes(name)))('is wrong usage with an empty one: --%s=', async name => {
    const { code, out, err } = await canlog(log, `--${name}=`)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`--${name} needs`)
  })

  test.each(VALUED.filter(name => !OTHER.includes(name)))('does not take the name of a log: --%s x.log', async name => {
    const { code, err } = await run([`--${name}`, 'x.log'], { files })
    expect([code, err]).toEqual([2, expect.stringContaining(`--${name} needs`)])
  })
})

describe('an option whose value may be left out', () => {
  test.each(OPTIONAL)('leaves the next word alone: --%s FILE', async name => {
    const { code, err, lines } = await run([`--${name}`, 'x.log'], { files: { 'x.log': everySecond(b()) } })
    expect(code, err).toBe(0)
    expect(lines.filter(line => / B /.test(line))).toHaveLength(1)
  })

  test('takes a value with an equals sign only', async () => {
    const plain = await run(['--hex', 'diff'], { files })
    expect(plain.lines).toEqual(timed(`${B} ${HEX}`, `${B.replace('2C', '2D')} ${HEX}`))
    expect((await run(['--str=03-01-00', 'x.log'], { files })).lines).toHaveLength(2)
    expect((await run(['--str=04-01-00', 'x.log'], { files })).lines).toHaveLength(0)
  })

  test('may come before, between and after the logs', async () => {
    const { lines } = await run(['--hex', 'x.log', '--rec', 'diff', '--str'], { files })
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe(timed(`03-01-00 ${B} ${HEX} {}`)[0])
  })
})

describe('values', () => {
  test('may hold blanks and an equals sign, and begin with a minus', async () => {
    expect((await canlog(log, '--hexhas=01 02')).lines).toHaveLength(2)
    expect((await canlog(log, '--hexhas', '01 02')).lines).toHaveLength(2)
    expect((await canlog(log, '--scan=-5:-1', '--signed')).lines).toEqual(['{ scan: {} }'])
    expect((await canlog(log, '--scan', '-5:-1', '--signed')).lines).toEqual(['{ scan: {} }'])
    expect((await canlog(log, '--field=a=b')).lines).toHaveLength(2)
  })

  test('may have blanks around the commas of a list', async () => {
    expect((await canlog(log, '--rrf=2c, 2d')).lines).toHaveLength(2)
  })
})

test.each(
  '--sample=7 --hex=dif --rec=x --count=x --excl=x --chan=Z --chan=AB --pivot=x --pivot=0 --pivot=10 --tf=1.5 --tf=0 --len=x --dev=x --typ=3G --pmm=x'.split(
    ' ',
  ),
)('a value that means nothing is wrong usage: %s', async option => {
  const { code, out, err } = await canlog(log, option)
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(new RegExp(`^wattzup: ${option.split('=')[0]} (takes|needs) [^\\n]*\\n$`))
})

describe('an unknown option', () => {
  test.each([
    ['--hexx', '--hex'],
    ['--nods=1', '--nodes'],
    ['--sumn', '--sum'],
    ['--compact', '--compat'],
    ['--redukt', '--redact'],
  ])('is wrong usage: %s, with the guess %s', async (option, guess) => {
    const { code, out, err } = await canlog(log, option)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(new RegExp(`^wattzup: unknown option '${option}'\n\\(Did you mean .*${guess}.*\\?\\)\n$`))
  })

  test('is wrong usage also without a guess', async () => {
    const { code, err } = await canlog(log, '--qqqqqqqq')
    expect([code, err]).toEqual([2, "wattzup: unknown option '--qqqqqqqq'\n"])
  })
})

describe('without a log', () => {
  test('a terminal as standard input is wrong usage, at once', async () => {
    const { code, out, err } = await run([], { stdinIsTerminal: true })
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^wattzup: no log given; try: wattzup canlog FILE/)
  })

  test('anything else is read', async () => {
    expect((await run([], { stdin: log })).lines).toHaveLength(2)
    expect((await run(['-'], { stdin: log, stdinIsTerminal: true })).lines).toHaveLength(2)
  })
})

test('help has a purpose, groups of options and three examples', async () => {
  const { code, out, err } = await run(['--help'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^Usage: wattzup canlog \[options\] \[file\.\.\.\]\n\nFilter, decode and analyse/)
  expect(out.match(/^ {2}\$ /gm)).toHaveLength(3)
  expect(out.match(/^(Input|Filters.*|Columns|Thinning|Reports and files|Output):$/gm)).toHaveLength(7)
  for (const name of VALUED.filter(name => name !== 'dvs4')) expect(out).toMatch(new RegExp(`--${name} <`))
  expect(out).not.toContain('--dvs4 <')
  for (const name of OPTIONAL) expect(out).toMatch(new RegExp(` --${name}(\\[=\\w+])? +\\S`))
})
