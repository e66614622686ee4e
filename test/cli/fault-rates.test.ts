import { expect, test } from 'vitest'
import { faultsHelp, parseFaultRates } from '../../src/cli/fault-rates.ts'
import { UsageError } from '../../src/core/errors.ts'

const KNOWN = { drop: 'a frame is missing', flip: 'a bit is another' }
const parse = (list: string) => [...parseFaultRates(list, KNOWN, 0.01)]

test('a list of faults has their rates, or the usual one', () => {
  expect(parse('')).toEqual([])
  expect(parse('drop, flip=0.25')).toEqual([['drop', 0.01], ['flip', 0.25]]) // biome-ignore format: pairs
  expect(parse('all')).toEqual([['drop', 0.01], ['flip', 0.01]]) // biome-ignore format: pairs
  expect(parse('all=.5,drop=0')).toEqual([['drop', 0], ['flip', 0.5]]) // biome-ignore format: pairs
})

test.each(['drop=', 'drop=x', 'drop=1.1', 'drop=-1', 'drop=0.1=2', '=1', 'drop=1e-3'])('%s is no rate', entry => {
  expect(() => parse(entry)).toThrow(UsageError)
  expect(() => parse(entry)).toThrow(`--faults: ${entry} needs a rate from 0 to 1`)
})

test('a fault that nobody knows is refused with those there are', () => {
  expect(() => parse('smoke')).toThrow('--faults: there is no fault smoke; there are drop, flip, all')
})

test('help shows every fault', () => {
  expect(faultsHelp(KNOWN, 'frames', 0.01)).toBe(`
Faults, each with the share of frames that have it if wanted (drop=0.2), 0.01 by default:
  drop  a frame is missing
  flip  a bit is another
  all   all of them
`)
})
