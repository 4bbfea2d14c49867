import type { AgreementLevel, RatedUnits } from '../agreement.ts'

/**
 * α by its definition, pair by pair: observed over expected disagreement, where every pairable
 * value is compared with the others of its unit (weight 1/(m−1)) and with all others. Quadratic.
 */
export function alphaReference(rated: RatedUnits, level: AgreementLevel): number {
  const units: number[][] = []
  for (let u = 0; u + 1 < rated.starts.length; u++) {
    const own = [...rated.values.subarray(rated.starts[u]!, rated.starts[u + 1]!)]
    if (own.length >= 2) units.push(own)
  }
  const all = units.flat()
  const distance = (a: number, b: number): number => {
    if (a === b) return 0
    if (level === 'nominal') return 1
    if (level === 'interval') return (a - b) ** 2
    if (level === 'ratio') return ((a - b) / (a + b)) ** 2
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    const between = all.filter((x) => x >= low && x <= high).length
    const ends = all.filter((x) => x === low || x === high).length
    return (between - ends / 2) ** 2
  }
  let observed = 0
  for (const own of units) {
    for (const [i, a] of own.entries()) {
      for (const [j, b] of own.entries()) if (i !== j) observed += distance(a, b) / (own.length - 1)
    }
  }
  let expected = 0
  for (const [i, a] of all.entries()) {
    for (const [j, b] of all.entries()) if (i !== j) expected += distance(a, b)
  }
  return 1 - ((all.length - 1) * observed) / expected
}
