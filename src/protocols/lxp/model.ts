/** Families whose registers differ in meaning or scale; the names that structs/lxp.json knows. */
export const MODELS = ['lxp', 'hybrid', 'offgrid'] as const
export type Model = (typeof MODELS)[number]

/** Hold register that says what an inverter is. */
export const DEVICE_TYPE = 19

/** Values of that register; 4 and 6 are guesses. Source: docs/protocols/lxp.md. */
const BY_DEVICE_TYPE: Readonly<Record<number, Model>> = {
  4: 'lxp',
  6: 'lxp',
  12: 'lxp',
  38: 'offgrid',
  54: 'offgrid',
  44: 'hybrid',
  2092: 'hybrid',
  10284: 'hybrid',
}

/** Names on the housing, without blanks and hyphens. */
const PRODUCTS: Readonly<Record<string, Model>> = {
  lxpacs: 'lxp',
  lxp3600acs: 'lxp',
  lxphybrid: 'lxp',
  lxpeu: 'lxp',
  lxpeu12k: 'lxp',
  lxplb: 'hybrid',
  lxpus: 'hybrid',
  '12kpv': 'hybrid',
  '18kpv': 'hybrid',
  flexboss: 'hybrid',
  flexboss18: 'hybrid',
  flexboss21: 'hybrid',
  '6000xp': 'offgrid',
  '12000xp': 'offgrid',
  sna: 'offgrid',
}

/** The model of a device type; one that is not in the table is looked up by its low byte. */
export function modelOf(deviceType: number): Model | undefined {
  return BY_DEVICE_TYPE[deviceType] ?? BY_DEVICE_TYPE[deviceType & 0xff]
}

/** The model that a user means, by its own name or a product's; undefined where there is none. */
export function modelNamed(text: string): Model | undefined {
  const name = text.toLowerCase().replace(/[\s_-]/g, '')
  const model = MODELS.find(known => known === name)
  return model ?? (Object.hasOwn(PRODUCTS, name) ? PRODUCTS[name] : undefined)
}

/** Product names that `modelNamed` knows, for help. */
export const PRODUCT_NAMES: readonly string[] = Object.keys(PRODUCTS)
