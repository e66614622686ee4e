import type { Value } from '../../core/values.ts'

/** A value that may be set, as Home Assistant shows it: a number, a switch, a choice or a text. */
export type Settable =
  | { readonly platform: 'number'; readonly min: number; readonly max: number; readonly step: number }
  | { readonly platform: 'switch' }
  | { readonly platform: 'select'; readonly options: readonly string[] }
  | { readonly platform: 'text'; readonly maxLength: number; readonly pattern?: string }

/** What a command asks for, or why it cannot be done. */
export type Parsed = { readonly value: Value } | { readonly error: string }

/** Reads the payload of a command; nothing outside of what is settable comes through. */
export function parseCommand(settable: Settable, payload: string): Parsed {
  switch (settable.platform) {
    case 'number':
      return parseNumber(settable, payload)
    case 'switch':
      if (payload !== 'ON' && payload !== 'OFF') return { error: 'it must be ON or OFF' }
      return { value: payload === 'ON' }
    case 'select':
      if (!settable.options.includes(payload)) return { error: `it must be one of ${settable.options.join(', ')}` }
      return { value: payload }
    case 'text':
      return parseText(settable, payload)
  }
}

/** The keys of a component that say what may be set. */
export function settableConfig(settable: Settable): Readonly<Record<string, unknown>> {
  switch (settable.platform) {
    case 'number': {
      const { min, max, step } = settable
      return { min, max, step, mode: 'box' }
    }
    case 'switch':
      return { payload_on: 'ON', payload_off: 'OFF' }
    case 'select':
      return { options: settable.options }
    case 'text': {
      const { maxLength, pattern } = settable
      return { max: maxLength, ...(pattern === undefined ? {} : { pattern }) }
    }
  }
}

/** How far a number may be from a step, as a part of it: Home Assistant adds steps up as floating-point numbers. */
const STEP_TOLERANCE = 1e-6

function parseNumber({ min, max, step }: Settable & { platform: 'number' }, payload: string): Parsed {
  const value = /^[+-]?\d{1,15}(\.\d{1,9})?$/.test(payload) ? Number(payload) : Number.NaN
  const steps = (value - min) / step
  if (!(value >= min && value <= max) || Math.abs(steps - Math.round(steps)) > STEP_TOLERANCE) {
    return { error: `it must be a number from ${min} to ${max} in steps of ${step}` }
  }
  return { value }
}

function parseText({ maxLength, pattern }: Settable & { platform: 'text' }, payload: string): Parsed {
  if (payload.length > maxLength) return { error: `it must not be longer than ${maxLength} characters` }
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(payload)) {
    return { error: `it must look like ${pattern}` }
  }
  return { value: payload }
}
