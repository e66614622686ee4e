/** `lxp_4434380123`: what a device is called where only `[a-z0-9_]` may stand. The same in every run. */
export function deviceId(family: string, device: string): string {
  return `${family}_${device}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
}
