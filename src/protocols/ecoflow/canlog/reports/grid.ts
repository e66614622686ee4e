import type { ByteGrid } from '../../../../explore/byte-grid.ts'
import type { Palette } from '../paint.ts'
export function gridJson(_grid: ByteGrid): unknown {
  return undefined
}
export function gridLines(_grid: ByteGrid, _palette: Palette, _width: number): string[] {
  return []
}
