/**
 * Tensors that are computed, not learned: Fourier and mel bases, sinusoidal positions. Two
 * independent models share them to the last bit, so they are no evidence of anything. They are
 * found by content, because exporters give them any name.
 */
export type DeterministicKind = 'sinusoids' | 'filter_bank'

const WINDOW = 256
const LINES_MIN_LENGTH = 32
const LINES_TESTED = 16
/** Width of a Hann-windowed line seen through a second Hann window, in bins. */
const BINS_ADJACENT = 5
const ENERGY_SHARE_MIN = 0.9
const LINES_SHARE_MIN = 0.9

/**
 * `values` is [rows, cols] row-major, a complete matrix or its first rows.
 * Returns null for what looks learned. Trained filters that happen to be pure sinusoids would be
 * set aside too: that costs power, never a false accusation.
 */
export function deterministicKind(
  values: Float32Array,
  rows: number,
  cols: number,
): DeterministicKind | null {
  if (looksLikeFilterBank(values)) return 'filter_bank'
  const isAlongRows = areSinusoids(values, { count: rows, length: cols, step: 1, stride: cols })
  const layout = { count: cols, length: rows, step: cols, stride: 1 }
  return isAlongRows || areSinusoids(values, layout) ? 'sinusoids' : null
}

/** Triangular filters: no negative weights, mostly zeros. */
function looksLikeFilterBank(values: Float32Array): boolean {
  let zeros = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < 0) return false
    if (value === 0) zeros++
  }
  return values.length >= 256 && zeros / values.length > 0.6 && zeros < values.length
}

type LineLayout = {
  readonly count: number
  readonly length: number
  readonly step: number
  readonly stride: number
}

/** Of lines spread over the matrix; most matrices are settled by the first of them. */
function areSinusoids(values: Float32Array, layout: LineLayout): boolean {
  if (Math.min(layout.length, WINDOW) < LINES_MIN_LENGTH) return false
  const wanted = Math.min(LINES_TESTED, layout.count)
  let pure = 0
  let impure = 0
  for (let k = 0; k < wanted; k++) {
    const share = concentration(lineAt(values, layout, Math.floor((k * layout.count) / wanted)))
    if (share === null) continue
    if (share >= ENERGY_SHARE_MIN) pure++
    else impure++
    // Whatever the other lines are.
    if (impure > (1 - LINES_SHARE_MIN) * wanted) return false
  }
  return pure + impure >= 4 && pure / (pure + impure) >= LINES_SHARE_MIN
}

function lineAt(values: Float32Array, { length, step, stride }: LineLayout, at: number) {
  const line = new Float64Array(Math.min(length, WINDOW))
  for (let i = 0; i < line.length; i++) line[i] = values[at * stride + i * step] ?? 0
  return line
}

/** Largest share of spectral energy in adjacent bins, after centring; null for constant lines. */
function concentration(line: Float64Array): number | null {
  const n = line.length
  const mean = line.reduce((sum, value) => sum + value, 0) / n
  const centred = line.map((value) => value - mean)
  const spread = centred.reduce((sum, value) => sum + value * value, 0)
  if (spread <= 1e-12 * n * mean * mean || spread === 0) return null
  const energy = powerSpectrum(centred)
  const total = energy.reduce((sum, value) => sum + value, 0)
  let best = 0
  for (let bin = 0; bin < energy.length; bin++) {
    let sum = 0
    for (let k = 0; k < BINS_ADJACENT; k++) sum += energy[bin + k] ?? 0
    best = Math.max(best, sum)
  }
  return total > 0 ? best / total : null
}

/** |DFT|² of the Hann-windowed line, bins 0..n/2. */
export function powerSpectrum(line: Float64Array): Float64Array {
  const n = line.length
  const waves = wavesOf(n)
  const windowed = line.map((value, i) => value * (waves.window[i] as number))
  return Number.isInteger(Math.log2(n)) ? halved(windowed, waves) : summed(windowed, waves)
}

/** By direct sums: n is at most WINDOW. */
function summed(line: Float64Array, { cos, sin }: Waves): Float64Array {
  const n = line.length
  const energy = new Float64Array(Math.floor(n / 2) + 1)
  for (let bin = 0; bin < energy.length; bin++) {
    let re = 0
    let im = 0
    for (let i = 0, angle = 0; i < n; i++) {
      re += (line[i] as number) * (cos[angle] as number)
      im += (line[i] as number) * (sin[angle] as number)
      angle += bin
      if (angle >= n) angle -= n
    }
    energy[bin] = re * re + im * im
  }
  return energy
}

/** By halving (Cooley and Tukey, decimation in frequency), n a power of two: the whole window, mostly. */
function halved(line: Float64Array, { cos, sin }: Waves): Float64Array {
  const n = line.length
  const re = line.slice()
  const im = new Float64Array(n)
  for (let half = n >> 1, step = 1; half >= 1; half >>= 1, step <<= 1) {
    for (let first = 0; first < n; first += 2 * half) {
      for (let k = 0; k < half; k++) {
        const p = first + k
        const q = p + half
        const x = (re[p] as number) - (re[q] as number)
        const y = (im[p] as number) - (im[q] as number)
        re[p] = (re[p] as number) + (re[q] as number)
        im[p] = (im[p] as number) + (im[q] as number)
        const c = cos[k * step] as number
        const s = sin[k * step] as number
        re[q] = x * c + y * s
        im[q] = y * c - x * s
      }
    }
  }
  // Bin b now stands where its bits stand in reverse.
  const bits = Math.log2(n)
  return Float64Array.from({ length: (n >> 1) + 1 }, (_, bin) => {
    let at = 0
    for (let bit = 0; bit < bits; bit++) at |= ((bin >> bit) & 1) << (bits - 1 - bit)
    return (re[at] as number) ** 2 + (im[at] as number) ** 2
  })
}

type Waves = {
  readonly cos: Float64Array
  readonly sin: Float64Array
  readonly window: Float64Array
}

const waves = new Map<number, Waves>()

/** One period in n steps, and Hann's window. Of the few lengths that occur they are kept. */
function wavesOf(n: number): Waves {
  const known = waves.get(n)
  if (known) return known
  const over = (value: (turn: number) => number, from: number) =>
    Float64Array.from({ length: n }, (_, i) => value((2 * Math.PI * (i + from)) / n))
  const made = {
    cos: over(Math.cos, 0),
    sin: over(Math.sin, 0),
    window: over((turn) => 0.5 - 0.5 * Math.cos(turn), 0.5),
  }
  waves.set(n, made)
  return made
}
