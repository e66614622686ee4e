import { lxpDevice } from '../protocols/lxp/device-info.ts'
import { REASONS } from '../protocols/lxp/reject-tally.ts'

/** What all live commands of LuxPower and EG4 dongles have in common, among the traits of a run. */
export const LXP_TRAITS = { reasons: REASONS, log: { extension: 'bin' }, deviceInfo: lxpDevice } as const

/** Dongles push, and broadcast, every two minutes. */
export const PUSH_MS = 120_000
