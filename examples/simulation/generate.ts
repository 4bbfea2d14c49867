// Makes raw rows whose aggregates are given. Everything here is SIMULATED: the rows of the real
// stages were never published, and no row says anything about a real judgement.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'

const at = (values: readonly number[], place: number): number => values[place] ?? 0

function add(values: number[], place: number, change: number): void {
  values[place] = at(values, place) + change
}

/** One row of a CSV file. */
export type Cells = readonly (string | number)[]

/** `count` items of which `right` are right, at random places. */
export function rightOrWrong(rng: Rng, count: number, right: number): number[] {
  const items = new Array<number>(count).fill(0)
  for (const place of randomPermutation(rng, count).subarray(0, right)) items[place] = 1
  return items
}

/** Splits a number of right answers over sets of equal size, as evenly as chance allows. */
export function splitOver(
  rng: Rng,
  total: number,
  sets: { count: number; size: number },
): number[] {
  const parts = new Array<number>(sets.count).fill(Math.floor(total / sets.count))
  for (let i = 0; i < total - Math.floor(total / sets.count) * sets.count; i++) add(parts, i, 1)
  for (let round = 0; round < 4 * sets.count; round++) {
    const from = rng.nextInt(sets.count)
    const to = rng.nextInt(sets.count)
    const limit = Math.floor(sets.size * 0.98)
    if (at(parts, from) > sets.size * 0.5 && at(parts, to) < limit) {
      add(parts, from, -1)
      add(parts, to, 1)
    }
  }
  return parts
}

/** Integers around a mean whose sum is exact. `spread` is their standard deviation. */
export function integersWithSum(
  rng: Rng,
  sum: number,
  shape: { count: number; spread: number; least: number; most: number },
): number[] {
  const { count, spread, least, most } = shape
  const hold = (value: number) => Math.min(most, Math.max(least, value))
  const values = Array.from({ length: count }, () =>
    hold(Math.round(sum / count + spread * rng.nextNormal())),
  )
  for (let off = sum - values.reduce((a, b) => a + b, 0); off !== 0; ) {
    const place = rng.nextInt(count)
    const moved = hold(at(values, place) + Math.sign(off)) - at(values, place)
    off -= moved
    add(values, place, moved)
  }
  return values
}

/** Ratings 1 to 5 of so many panellists with this sum. */
export const ratings = (rng: Rng, count: number, sum: number): number[] =>
  integersWithSum(rng, sum, { count, spread: 0.85, least: 1, most: 5 })

/**
 * Totals of the panellists in half points, such that without the highest and the lowest their
 * mean is `target` (a multiple of 1/16 for ten panellists).
 */
export function trimmedTotals(
  rng: Rng,
  target: number,
  shape: { count: number; full: number },
): number[] {
  const kept = shape.count - 2
  const middle = integersWithSum(rng, Math.round(target * 2 * kept), {
    count: kept,
    spread: 3,
    least: 0,
    most: shape.full * 2 - 1,
  })
  const lowest = Math.max(0, Math.min(...middle) - 1 - rng.nextInt(4))
  const highest = Math.min(shape.full * 2, Math.max(...middle) + 1 + rng.nextInt(3))
  const totals = [...middle, lowest, highest].map((half) => half / 2)
  return [...randomPermutation(rng, totals.length)].map((place) => at(totals, place))
}

/** Splits a total into criteria in half points, near to their shares of the full marks. */
export function splitIntoCriteria(rng: Rng, total: number, maxima: readonly number[]): number[] {
  const full = maxima.reduce((a, b) => a + b, 0)
  const halves = maxima.map((most) =>
    Math.min(most * 2, Math.max(0, Math.round((total / full) * most * 2 + rng.nextNormal()))),
  )
  for (let off = total * 2 - halves.reduce((a, b) => a + b, 0); off !== 0; ) {
    const place = rng.nextInt(maxima.length)
    const wanted = at(halves, place) + Math.sign(off)
    const moved = Math.min(at(maxima, place) * 2, Math.max(0, wanted)) - at(halves, place)
    off -= moved
    add(halves, place, moved)
  }
  return halves.map((half) => half / 2)
}

/** Scores of several runs in hundredths whose mean is exactly `mean`. */
export function runsWithMean(rng: Rng, mean: number, runs: number): number[] {
  const sum = Math.round(mean * 100 * runs)
  return integersWithSum(rng, sum, { count: runs, spread: 60, least: 0, most: 10_000 }).map(
    (hundredths) => hundredths / 100,
  )
}

/** Means of several sets in hundredths around `mean`, whose own mean is exactly `mean`. */
export function setMeans(rng: Rng, mean: number, count: number): number[] {
  const sum = Math.round(mean * 100 * count)
  return integersWithSum(rng, sum, { count, spread: 1100, least: 500, most: 9_700 }).map(
    (hundredths) => hundredths / 100,
  )
}

export function csv(header: readonly string[], rows: readonly Cells[]): string {
  return `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`
}

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(3, '0')}`)

/** Items that are right or wrong, per area, of which `right` in all are right. */
export function itemRows(
  team: string,
  right: number,
  shape: { readonly rng: Rng; readonly areas: readonly string[]; readonly itemsPerArea: number },
): Cells[] {
  const { rng, areas, itemsPerArea } = shape
  const rightOf = splitOver(rng, right, { count: areas.length, size: itemsPerArea })
  return areas.flatMap((area, a) =>
    rightOrWrong(rng, itemsPerArea, rightOf[a] ?? 0).map(
      (score, i): Cells => [team, area, i + 1, 1, score],
    ),
  )
}

/** Scores of the experts per criterion, such that the trimmed mean of their totals is `mean`. */
export function expertRows(
  team: string,
  mean: number,
  panel: {
    readonly rng: Rng
    readonly experts: readonly string[]
    readonly criteria: readonly (readonly [name: string, full: number])[]
  },
): Cells[] {
  const { rng, experts, criteria } = panel
  const maxima = criteria.map(([, full]) => full)
  const totals = trimmedTotals(rng, mean, { count: experts.length, full: 35 })
  return totals.flatMap((total, e) => {
    const scores = splitIntoCriteria(rng, total, maxima)
    return criteria.map(
      ([criterion], c): Cells => [experts[e] ?? '', team, criterion, scores[c] ?? 0],
    )
  })
}

/** Writes files by their path below the folder of a stage and names each. */
export function writeStage(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const full = join(folder, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
    process.stdout.write(`→ ${path}\n`)
  }
}
