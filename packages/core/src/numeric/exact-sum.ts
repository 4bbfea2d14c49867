/**
 * Σ values, rounded once: the float64 nearest to the exact sum, whatever the order of the values.
 * For finite inputs whose partial sums stay below 2^1023.
 *
 * Two numbers hold the exact sum as long as the errors of the additions add up without error
 * themselves (two-sum of Knuth), which they do for numbers of alike size: their bits end within 53
 * places. What does not fit goes on in as many parts as it needs.
 */
export function exactSum(values: ArrayLike<number>): number {
  if (values.length === 0) return 0
  let high = values[0]!
  let low = 0
  for (let i = 1; i < values.length; i++) {
    const x = values[i]!
    const sum = high + x
    const fromX = sum - high
    const error = high - (sum - fromX) + (x - fromX)
    const errors = low + error
    const fromError = errors - low
    const rest = low - (errors - fromError) + (error - fromError)
    if (rest !== 0) return sumInParts([low, high], values, i)
    high = sum
    low = errors
  }
  return low === 0 ? high : high + low
}

/**
 * Start plus the values from `first` on. Keeps the running sum as non-overlapping parts (Shewchuk
 * 1997, Adaptive Precision Floating-Point Arithmetic, section 2: GROW-EXPANSION) and rounds at the
 * end, with the half-way correction that the last part asks for.
 */
function sumInParts(
  start: readonly [number, number],
  values: ArrayLike<number>,
  first: number,
): number {
  let parts = new Float64Array(PARTS)
  let count = 0
  for (let i = first - start.length; i < values.length; i++) {
    let x = i < first ? start[i - first + start.length]! : values[i]!
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
