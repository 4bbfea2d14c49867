import { legacyDouble, type Uint32Source } from './mt19937.ts'
import { doubleOf, type Uint64Source } from './pcg64.ts'

/** RandomState.normal: Marsaglia's polar method, the second value of a pair returned first. */
export function legacyNormals(next: Uint32Source): () => number {
  let kept: number | undefined
  return () => {
    if (kept !== undefined) {
      const value = kept
      kept = undefined
      return value
    }
    for (;;) {
      const x = 2 * legacyDouble(next) - 1
      const y = 2 * legacyDouble(next) - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      kept = factor * x
      return factor * y
    }
  }
}

const LAYERS = 256
const MANTISSA = 2 ** 52
const TAIL = 3.6541528853610088
/** Area of each layer for 256 layers and this tail (Marsaglia and Tsang 2000, Doornik 2005). */
const AREA = 0.004928673233974655

type Ziggurat = {
  /** Bounds below which a 52-bit integer is accepted at once. */
  readonly accept: Float64Array
  readonly width: Float64Array
  readonly density: Float64Array
}

let table: Ziggurat | undefined

/** Generator.standard_normal (float64): the 256-layer ziggurat of NumPy, in its order of draws. */
export function zigguratNormals(next: Uint64Source): () => number {
  table ??= makeZiggurat()
  const { accept, width, density } = table
  return () => {
    for (;;) {
      const bits = next()
      const layer = Number(bits & 0xffn)
      const magnitude = Number((bits >> 9n) & 0xfffffffffffffn)
      const size = magnitude * (width[layer] as number)
      const x = (bits & 0x100n) === 0n ? size : -size
      if (magnitude < (accept[layer] as number)) return x
      if (layer === 0) return tailNormal(next, magnitude)
      const upper = density[layer - 1] as number
      const lower = density[layer] as number
      if ((upper - lower) * doubleOf(next) + lower < Math.exp(-0.5 * x * x)) return x
    }
  }
}

function tailNormal(next: Uint64Source, magnitude: number): number {
  for (;;) {
    const x = -Math.log1p(-doubleOf(next)) / TAIL
    const y = -Math.log1p(-doubleOf(next))
    if (y + y > x * x) return Math.floor(magnitude / 256) % 2 === 1 ? -(TAIL + x) : TAIL + x
  }
}

function makeZiggurat(): Ziggurat {
  const accept = new Float64Array(LAYERS)
  const width = new Float64Array(LAYERS)
  const density = new Float64Array(LAYERS)
  let x = TAIL
  const base = AREA / Math.exp(-0.5 * x * x)
  accept[0] = Math.floor((x / base) * MANTISSA)
  width[0] = base / MANTISSA
  width[LAYERS - 1] = x / MANTISSA
  density[0] = 1
  density[LAYERS - 1] = Math.exp(-0.5 * x * x)
  for (let i = LAYERS - 2; i >= 1; i--) {
    const inner = Math.sqrt(-2 * Math.log(AREA / x + Math.exp(-0.5 * x * x)))
    accept[i + 1] = Math.floor((inner / x) * MANTISSA)
    x = inner
    width[i] = x / MANTISSA
    density[i] = Math.exp(-0.5 * x * x)
  }
  return { accept, width, density }
}
