import type { Settings } from './setting.ts'

/** What can be set of every pretended inverter; those that it does not report change nothing. */
export const INVERTER_SETTINGS: Settings = {
  current: {
    type: 'number',
    help: 'current that it wants, positive = charging; it takes what it may',
    unit: 'A',
    low: -500,
    high: 500,
    initial: 3.1,
  },
  voltage: {
    type: 'number',
    help: 'voltage that it measures; by itself what the battery says',
    unit: 'V',
    low: 0,
    high: 1000,
  },
  temperature: { type: 'number', help: 'its temperature', unit: '°C', low: -40, high: 150, initial: 25.8 },
  brand: { type: 'text', help: 'its brand', most: 7, initial: 'GOODWE' },
  hello: {
    type: 'choice',
    help: 'whether it asks the battery to identify itself',
    choices: ['asks', 'never asks'],
    initial: 'asks',
  },
}
