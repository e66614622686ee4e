import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/core/writer.ts'
import { TextSink } from '../../src/sinks/text.ts'
import { field, reading } from '../readings.ts'

function printed(...of: Parameters<typeof reading>): string {
  let text = ''
  const out = new ByteWriter(bytes => {
    text += Buffer.from(bytes).toString()
  })
  const sink = new TextSink(out)
  sink.write(reading(...of))
  sink.close()
  return text.replace(/^.*? d1 /, '')
}

test('values have their units, what is not available is a dash', () => {
  const fields = [field('voltage', { unit: 'V' }), field('mode'), field('temperature', { unit: '°C' })]
  const text = printed({ voltage: 53.2, mode: 'idle', temperature: null }, { fields })
  expect(text).toBe('m  voltage 53.2 V  mode idle  temperature -\n')
})

test('values in an object are named with it, elements of a list of objects have a line each', () => {
  const inner = [field('voltage', { unit: 'V' }), field('soc', { unit: '%' })]
  const fields = [
    field('totals', { type: 'object', fields: inner }),
    field('packs', { type: 'object', array: true, fields: inner }),
  ]
  const text = printed({ totals: { voltage: 49.2, soc: 50 }, packs: [{ voltage: 49.1 }, { soc: 51 }] }, { fields })
  expect(text).toBe('m  totals.voltage 49.2 V  totals.soc 50 %\n  packs 1  voltage 49.1 V\n  packs 2  soc 51 %\n')
})

test('texts from elsewhere do nothing to a terminal', () => {
  const fields = [field('brand'), field('names', { array: true })]
  const values = { brand: 'VS\0\0\0', names: ['a\u001b[2J', 'b\r\nc', '\u202eabc', 'Größe 電池'] }
  expect(printed(values, { fields })).toBe('m  brand VS  names a?[2J,b??c,?abc,Größe 電池\n')
})
