import type { WasmMemory } from '../wasm-kernel.ts'

/** packages/core/wasm/row-products.ts; matrices are byte offsets. */
export type ProductKernel = {
  readonly memory: WasmMemory
  readonly pack: (
    rows: number,
    columns: number,
    lanes: number,
    panel: number,
    tileRows: number,
    tile: number,
  ) => void
  readonly divideByLengths: (
    columns: number,
    lanes: number,
    panel: number,
    tileRows: number,
    tile: number,
  ) => void
  readonly multiply: (
    a: number,
    rowsA: number,
    b: number,
    rowsB: number,
    columns: number,
    out: number,
  ) => void
  readonly bestOfRows: (
    matrix: number,
    rows: number,
    columns: number,
    stride: number,
    isAbsolute: boolean,
    values: number,
    places: number,
  ) => void
  readonly bestOfColumns: (
    matrix: number,
    rows: number,
    stride: number,
    isAbsolute: boolean,
    values: number,
    places: number,
  ) => void
  /** packages/core/wasm/row-distances.ts */
  readonly packWide: (
    from: number,
    columns: number,
    rows: number,
    panel: number,
    squares: number,
  ) => void
  readonly nearestWide: (
    a: number,
    squaresA: number,
    firstA: number,
    b: number,
    squaresB: number,
    rowsB: number,
    columns: number,
    valuesA: number,
    placesA: number,
    valuesB: number,
    placesB: number,
  ) => void
}
