import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc8, dice, float, guesses, little } from './streams.ts'

/** 1000 up to 2797 in steps of 2, 3 and 4: past 1024, 1280, ... 2560, seven multiples of 256. */
function ramp(n: number): number {
  return 1000 + 3 * n + ((n * 7) % 3 === 1 ? 1 : 0)
}

/** One byte of each kind, as a device might send them. */
function mixed(n: number): number[] {
  const bytes = [
    0x5a, // 0 constant
    n & 255, // 1 counter
    (n + Math.floor(n / 20)) & 255, // 2 counter that skips a number every 20 messages
    Math.floor(n / 7) & 1, // 3 flag
    ...little(ramp(n), 2), // 4 slow ramp, u16
    ...float(21.5 + 3 * Math.sin(n / 40)), // 6 temperature, f32
    ...Buffer.from('BAT-0042'), // 10 text
    0, // 18 constant between text and checksum
  ]
  return [...bytes, crc8(bytes, 0x07)]
}

test('names the bytes of a stream made of one of each kind', () => {
  const found = guesses(600, mixed)
  expect(found.map(({ guess }) => guess)).toEqual([
    'constant',
    'counter',
    'counter',
    'flag',
    'slow value (u16 at 4)',
    'high byte of u16 at 4',
    'f32 at 6',
    'byte 2 of f32 at 6',
    'byte 3 of f32 at 6',
    'byte 4 of f32 at 6',
    ...new Array(8).fill('text'),
    'constant',
    'checksum-like (CRC-8 poly 07)',
  ])
})

test('says what each of them rests on', () => {
  const evidence = guesses(600, mixed).map(guess => guess.evidence)
  expect(evidence[0]).toBe('5A in all 600 messages')
  expect(evidence[1]).toBe('changed 599 of 599 times, +1 each time, wraps at 255')
  // 29 of the 599 steps are +2: n = 20, 40, ... 580
  expect(evidence[2]).toBe('changed 599 of 599 times, +1 in 570 of these, 29 other steps (skips), wraps at 255')
  // n / 7 goes from 0 to 85
  expect(evidence[3]).toBe('changed 85 of 599 times, 00 or 01: only bit 0 moves')
  expect(evidence[4]).toMatch(/; byte 5 carries \(7\), as u16 1000\.\.2797, mean step 3$/)
  expect(evidence[5]).toBe('changed 7 of 599 times, 7 by one as byte 4 wrapped, 7 of them in a step of 32 or less')
  expect(evidence[6]).toMatch(/^18\.5\.\.24\.5, 599 of 599 steps within a twentieth/)
  expect(evidence[10]).toBe('"BAT-0042" at 10..17: nothing but letters, digits and -._:/')
  expect(evidence[19]).toBe('moved as this asks in 599 of 599 changes, 599 with 2 other bytes or more')
})

test.each([
  ['down by one', 600, (n: number) => [255 - (n & 255)], 'counter', /-1 each time, wraps at 0$/],
  ['in the low half of a byte', 600, (n: number) => [0x40 | (n & 15)], 'counter', /from 79 back to 64 37 times$/],
  ['in the high half of a byte', 600, (n: number) => [((n << 4) | 5) & 255], 'counter in bits 4-7', /\+16 each time/],
  ['round at 200', 601, (n: number) => [n % 200], 'counter', /\+1 in 597 of these, from 199 back to 0 3 times$/],
  ['round early', 12, (n: number) => [(n * 16 + 162) & 255], 'counter in bits 4-7', /\+16 each time, wraps at 242$/],
  ['by skips, the last one from 254 to 0', 246, skipping, 'counter', /12 other steps \(skips\), wraps at 254$/],
  ['of three states', 600, (n: number) => [n % 3], 'counter', /from 2 back to 0/],
  ['in half a byte with noise above', 600, halfNoise(), 'counter in bits 0-3', /each bit half as often/],
])('finds a counter that goes %s', (_, count, message, guess, evidence) => {
  const [found] = guesses(count, message)
  expect(found).toMatchObject({ kind: 'counter', guess })
  expect(found!.evidence).toMatch(evidence)
})

/** Goes on by two at every twentieth message, at 240 from 254 to 0. */
function skipping(n: number): number[] {
  return [(n + Math.floor(n / 20) + 4) & 255]
}

function halfNoise(): (n: number) => number[] {
  const roll = dice(3)
  return n => [(n & 15) | (roll() & 0xf0)]
}

test('fewer than three messages are too few, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 2 }), all => {
      for (const { kind } of guesses(all.length, n => all[n]!)) expect(kind).toBe('too few messages')
    }),
  )
})

test('three steps are no counter, four may be', () => {
  expect(guesses(4, n => [n])[0]!.kind).not.toBe('counter')
  expect(guesses(5, n => [n])[0]).toMatchObject({ kind: 'counter', confidence: 'low' })
})

test('no payload of any kind makes a counter of fewer than four steps', () => {
  const byte = fc.constantFrom(0, 1, 2, 3, 16, 255)
  fc.assert(
    fc.property(fc.array(fc.tuple(byte, byte), { maxLength: 4 }), all => {
      for (const { kind } of guesses(all.length, n => all[n]!)) expect(kind).not.toBe('counter')
    }),
  )
})

test('a value that rises now and then and never wraps is no counter', () => {
  expect(guesses(600, n => [50 + Math.floor(n / 60)])[0]).toMatchObject({ kind: 'slow value' })
})

test('a u32 counter has a low, two middle and a high byte', () => {
  const found = guesses(600, n => little(0x00fffe80 + n, 4))
  expect(found.map(({ guess }) => guess)).toEqual([
    'counter (u32 at 0)',
    'middle byte of u32 at 0',
    'middle byte of u32 at 0',
    'high byte of u32 at 0',
  ])
})

test('a slow value around zero is signed', () => {
  const found = guesses(600, n => little(Math.round(40 * Math.sin(n / 30)), 2))
  expect(found.map(({ guess }) => guess)).toEqual(['slow value (i16 at 0)', 'high byte of i16 at 0'])
  expect(found[0]!.evidence).toMatch(/as i16 -40\.\.40/)
})

test('a big-endian ramp has its high byte first', () => {
  const found = guesses(600, n => [7, ...little(ramp(n), 2).reverse(), 7])
  expect(found.map(({ guess }) => guess)).toEqual([
    'constant',
    'high byte of u16be at 1',
    'slow value (u16be at 1)',
    'constant',
  ])
})

test('two counters side by side are not one value', () => {
  const found = guesses(600, n => [n & 255, (n * 3) & 255])
  expect(found.map(({ guess }) => guess)).toEqual(['counter', 'counter'])
})

test('a counter whose neighbour goes the other way is not a carry', () => {
  const found = guesses(600, n => [n & 15, 200 - (n & 15)])
  expect(found[0]!.guess).toBe('counter')
  expect(found[1]!.kind).toBe('checksum-like') // both add up to 200
  expect(found[1]!.confidence).toBe('low')
})

test('two counters that move against each other are no wider value either', () => {
  const found = guesses(600, n => [7, n & 15, 200 - (n & 15), 7])
  expect(found.map(({ guess }) => guess)).toEqual(['constant', 'counter', 'counter', 'constant'])
})

test('a byte belongs to values of one byte order only', () => {
  const found = guesses(600, n => [...little(ramp(n), 2), ramp(n) & 255, 7])
  expect(found.map(({ guess }) => guess)).toEqual([
    'slow value (u16 at 0)',
    'high byte of u16 at 0',
    'slow value',
    'constant',
  ])
})

test('of two values that would share a byte, the one with the clearer carries has it', () => {
  const found = guesses(600, n => [ramp(n) & 0xc0, ...little(ramp(n), 2).reverse(), 7])
  expect(found.slice(1, 3).map(({ guess }) => guess)).toEqual(['high byte of u16be at 1', 'slow value (u16be at 1)'])
})

test('two counters under constant bytes are no f32, though it would be plausible and smooth', () => {
  const found = guesses(600, n => [n & 255, (n * 5) & 255, 0x80, 0x41])
  expect(found.map(({ kind }) => kind)).toEqual(['counter', 'counter', 'constant', 'constant'])
})

test.each([
  ['sum', (bytes: number[]) => bytes.reduce((sum, byte) => sum + byte, 17) & 255],
  ['constant total', (bytes: number[]) => (99 - bytes.reduce((sum, byte) => sum + byte, 0)) & 255],
  ['XOR', (bytes: number[]) => bytes.reduce((sum, byte) => sum ^ byte, 0xa5)],
  ['CRC-8 poly 1D', (bytes: number[]) => crc8(bytes, 0x1d, 0xff) ^ 0xff],
  ['CRC-8 poly 2F', (bytes: number[]) => crc8([0x42, ...bytes], 0x2f)],
])('recognises a checksum by its rule: %s', (rule, check) => {
  const roll = dice(9)
  const message = (n: number): number[] => {
    const bytes = [n & 255, roll(), 3, Math.floor(n / 10) & 255, roll()]
    return n % 150 === 70 ? [1, 2, 3, 4, 5, 6] : [...bytes, check(bytes)] // every 150th is damaged
  }
  expect(guesses(900, message)[5]!.guess).toBe(`checksum-like (${rule})`)
})

test('recognises a CRC in front', () => {
  const message = (n: number): number[] => {
    const bytes = [n & 15, 0x45, Math.floor(n / 9) & 255, 0xff]
    return [crc8(bytes, 0x1d), ...bytes]
  }
  expect(guesses(300, message)[0]).toMatchObject({
    guess: 'checksum-like (CRC-8 poly 1D)',
    confidence: 'high',
  })
})

test('a checksum by no known rule shows by what it follows, with less confidence', () => {
  // Every third message repeats the one before: the others hold still, and so does the checksum (polynomial A7).
  const roll = dice(5)
  let bytes = [0, 0, 0, 0]
  const message = (n: number): number[] => {
    if (n % 3 !== 0) bytes = [n & 255, 7, n % 5, roll() & 3]
    return [...bytes, crc8(bytes, 0xa7)]
  }
  const found = guesses(600, message)[4]!
  expect(found).toMatchObject({ guess: 'checksum-like', confidence: 'medium' })
  expect(found.evidence).toMatch(/held still the 199 times they did/)
})

test('where others change every time, one random byte may be either, and the evidence says so', () => {
  const roll = dice(7)
  const found = guesses(600, n => [n & 255, roll(), 5])[1]!
  expect(found).toMatchObject({ kind: 'checksum-like', confidence: 'low' })
  expect(found.evidence).toMatch(/noise fits as well/)
})

test('bytes that are all random are noise', () => {
  const roll = dice(11)
  const found = guesses(600, () => Array.from({ length: 16 }, roll))
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['noise']))
})

test('a random byte that moves while the others rest is noise', () => {
  const roll = dice(13)
  expect(guesses(600, () => [1, roll(), 2])[1]).toMatchObject({ kind: 'noise' })
})

test('bits that come and go one by one are a bit field', () => {
  const bits = [1, 1, 8, 32, 8, 1, 32, 8, 1, 8, 32, 1] // five times bit 0, four bit 3, three bit 5; 60 changes
  let value = 0
  const message = (n: number): number[] => {
    if (n % 5 === 4) value ^= bits[Math.floor(n / 5) % bits.length]!
    return [value]
  }
  const [found] = guesses(300, message)
  expect(found).toMatchObject({ kind: 'bit field' })
  expect(found!.evidence).toMatch(/bits 0 3 5 toggled 25 20 15 times, 1 per change$/)
})

test('a few values that come back are a state', () => {
  const modes = [0, 4, 4, 1, 0, 7]
  expect(guesses(600, n => [modes[Math.floor(n / 10) % 6]!])[0]).toMatchObject({ kind: 'state' })
})

test('one change is not enough to say more than that', () => {
  expect(guesses(600, n => [n < 300 ? 20 : 30])[0]).toMatchObject({
    kind: 'few changes',
    evidence: 'changed 1 of 599 times, values 14 1E',
  })
})

test('equal numbers that happen to be letters are no text', () => {
  const found = guesses(100, () => [100, 100, 100, 100, 100])
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['constant']))
})

test('no whole number of a few volts or cells is called a float', () => {
  const found = guesses(600, n => [...little(3280 + (n % 7), 2), ...little(51_000 + n, 4)])
  expect(found.map(({ kind }) => kind)).not.toContain('float')
})
