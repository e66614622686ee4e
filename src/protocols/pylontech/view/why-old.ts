import { age } from './format.ts'
import type { Look } from './look.ts'
import type { Module } from './stack.ts'

/** How old the values of a module are, and why: `3 min: timeout`. */
export function whyOld({ error, updatedAt }: Module, { now }: Look): string {
  const since = updatedAt === null ? 'never read' : age(now - updatedAt)
  return error === null ? since : `${since}: ${error}`
}
