/** Names of module addresses, as far as they are known. Source: docs/protocols/ecoflow.md, "Modules". */
const NAMES: Readonly<Record<number, string>> = {
  0: 'broadcast',
  1: 'host',
  2: 'dc_low_side',
  3: 'battery',
  4: 'inverter',
  5: 'mppt',
  18: 'power_dock',
  20: 'powerstream',
  32: 'app',
  33: 'system_collector',
  53: 'iot',
  80: 'dc_in',
  81: 'dc_out',
  82: 'console',
  83: 'panel_ac',
  84: 'panel_dc',
}

/** The name of a module address, or undefined where nobody knows. */
export function moduleName(address: number): string | undefined {
  return NAMES[address]
}
