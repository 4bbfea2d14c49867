/**
 * Σ values, rounded once: the float64 nearest to the exact sum, whatever the order of the values.
 * For finite inputs whose partial sums stay below 2^1023.
 *
 * Keeps the running sum as non-overlapping parts (Shewchuk 1997, Adaptive Precision Floating-Point
 * Arithmetic, section 2: GROW-EXPANSION with the two-sum of Knuth) and rounds at the end, with the
 * half-way correction that the last part asks for.
 */
export function exactSum(values: ArrayLike<number>): number {
  let parts = new Float64Array(PARTS)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    let x = values[i]!
    let kept = 0
    for (let p = 0; p < count; p++) {
      const y = parts[p]!
      const sum = x + y
      const fromY = sum - x
      const rest = x - (sum - fromY) + (y - fromY)
      if (rest !== 0) parts[kept++] = rest
      x = sum
    }
    parts[kept] = x
    count = kept + 1
    if (count === parts.length) parts = twiceAsLong(parts)
  }
  return roundParts(parts.subarray(0, count))
}

/** Numbers of alike size leave two or three parts. */
const PARTS = 16

function twiceAsLong(values: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(2 * values.length)
  longer.set(values)
  return longer
}

function roundParts(parts: Float64Array): number {
  let at = parts.length - 1
  if (at < 0) return 0
  let high = parts[at]!
  let low = 0
  while (at > 0 && low === 0) {
    const x = high
    const y = parts[--at]!
    high = x + y
    low = y - (high - x)
  }
  // Exactly half-way between two numbers: the parts below decide the direction.
  if (at > 0 && low !== 0 && Math.sign(low) === Math.sign(parts[at - 1]!)) {
    const twice = 2 * low
    const moved = high + twice
    if (moved - high === twice) high = moved
  }
  return high
}
