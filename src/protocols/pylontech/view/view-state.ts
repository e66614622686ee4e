import { METRICS, type Metric, WINDOWS } from './history.ts'
import type { Module } from './stack.ts'
import { ORDERS, type Order } from './totals.ts'

/** What the user has chosen to see. */
export interface ViewState {
  readonly pane: 'stack' | 'module' | 'changes' | 'help'
  /** Key of the module of the pane of one. */
  readonly zoomed: string | undefined
  readonly order: Order
  readonly alarmsOnly: boolean
  readonly paused: boolean
  /** Summary, curves of the stack and keys around the modules. */
  readonly summary: boolean
  readonly metric: Metric
  /** Index into `WINDOWS`. */
  readonly window: number
  /** Lines, or modules, that are above the screen. */
  readonly scroll: number
}

export const INITIAL: ViewState = {
  pane: 'stack',
  zoomed: undefined,
  order: 'address',
  alarmsOnly: false,
  paused: false,
  summary: true,
  metric: 'power',
  window: 0,
  scroll: 0,
}

/** What is on the screen while a key is pressed. */
export interface Seen {
  /** All modules in the order in which they are shown. */
  readonly modules: readonly Module[]
  readonly scrollMax: number
  /** Lines, or modules, that scroll at once with Page Down. */
  readonly page: number
}

/** What a key asks for that is not a change of the view. */
export type Action = 'quit' | 'repaint' | 'suspend'

/** The view after a key, or what else is to be done; the same view for keys that mean nothing. Pure. */
export function pressed(state: ViewState, key: string, seen: Seen): ViewState | Action {
  const action = ACTIONS[key]
  if (action !== undefined) return action
  if (/^[1-9]$/.test(key))
    return zoomed(
      state,
      seen.modules.find(({ number }) => number === Number(key)),
    )
  const change = CHANGES[key] ?? SCROLLS[key]
  return change === undefined ? state : { ...state, ...change(state, seen) }
}

const ACTIONS: Readonly<Record<string, Action>> = {
  q: 'quit',
  'ctrl-c': 'quit',
  r: 'repaint',
  'ctrl-l': 'repaint',
  'ctrl-z': 'suspend',
}

type Change = (state: ViewState, seen: Seen) => Partial<ViewState>

const BACK: Change = () => ({ pane: 'stack', scroll: 0 })

const CHANGES: Readonly<Record<string, Change>> = {
  p: ({ paused }) => ({ paused: !paused }),
  s: ({ order }) => ({ order: next(ORDERS, order, 1), scroll: 0 }),
  a: ({ alarmsOnly }) => ({ alarmsOnly: !alarmsOnly, scroll: 0 }),
  t: ({ summary }) => ({ summary: !summary }),
  m: ({ metric }) => ({ metric: next(METRICS, metric, 1) }),
  M: ({ metric }) => ({ metric: next(METRICS, metric, -1) }),
  w: ({ window }) => ({ window: (window + 1) % WINDOWS.length }),
  '?': toggle('help'),
  h: toggle('help'),
  l: toggle('changes'),
  escape: BACK,
  '0': BACK,
  left: (state, seen) => beside(state, seen, -1),
  right: (state, seen) => beside(state, seen, 1),
}

const SCROLLS: Readonly<Record<string, Change>> = {
  up: scroll(() => -1),
  k: scroll(() => -1),
  down: scroll(() => 1),
  j: scroll(() => 1),
  pageup: scroll(({ page }) => -page),
  pagedown: scroll(({ page }) => page),
  home: scroll(({ scrollMax }) => -scrollMax),
  end: scroll(({ scrollMax }) => scrollMax),
}

function toggle(pane: ViewState['pane']): Change {
  return state => ({ pane: state.pane === pane ? 'stack' : pane, scroll: 0 })
}

function scroll(by: (seen: Seen) => number): Change {
  return (state, seen) => ({ scroll: Math.max(0, Math.min(seen.scrollMax, state.scroll + by(seen))) })
}

function zoomed(state: ViewState, module: Module | undefined): ViewState {
  return module === undefined ? state : { ...state, pane: 'module', zoomed: module.key, scroll: 0 }
}

function beside(state: ViewState, { modules }: Seen, step: number): Partial<ViewState> {
  if (state.pane !== 'module') return {}
  const at = modules.findIndex(({ key }) => key === state.zoomed)
  return at < 0 ? {} : { zoomed: modules[(at + step + modules.length) % modules.length]!.key, scroll: 0 }
}

function next<T>(list: readonly T[], value: T, step: number): T {
  return list[(list.indexOf(value) + step + list.length) % list.length]!
}
