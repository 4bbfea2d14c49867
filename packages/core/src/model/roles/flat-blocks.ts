import type { TensorPath } from './tensor-path.ts'

const PERIOD_MAX = 512

/**
 * Names that only count (tensor_0 … tensor_411, w.17): where their shapes repeat with a period,
 * the repetition is taken for the blocks. Position j of block i becomes block.i.item_j; what
 * lies before and after the repetition keeps its name. Other names are returned as they are.
 */
export function numberFlatBlocks(paths: readonly TensorPath[]): readonly TensorPath[] {
  const counted = paths.flatMap((path) => {
    const number = onlyNumber(path.tokens)
    return number === undefined ? [] : [{ path, ...number }]
  })
  const words = new Set(counted.map(({ word }) => word))
  if (counted.length < 8 || words.size !== 1 || counted.length < 0.9 * paths.length) return paths
  counted.sort((a, b) => a.number - b.number)
  const shapes = counted.map(({ path }) => path.tensor.shape.join())
  const found = longestRepetition(shapes)
  if (found === undefined) return paths
  const renamed = new Map<TensorPath, TensorPath>()
  for (const [at, { path }] of counted.entries()) {
    const offset = at - found.start
    if (offset < 0 || offset >= found.period * found.repeats) continue
    const block = String(Math.floor(offset / found.period))
    renamed.set(path, { ...path, tokens: ['block', block, `item_${offset % found.period}`] })
  }
  return paths.map((path) => renamed.get(path) ?? path)
}

/** The one number of a name without any other structure. */
function onlyNumber(
  tokens: readonly string[],
): { readonly word: string; readonly number: number } | undefined {
  const match = /^([a-z_]*?)[_.]?(\d+)$/.exec(tokens.join('.'))
  const word = match?.[1]
  return word === undefined ? undefined : { word, number: Number(match?.[2]) }
}

type Repetition = { readonly start: number; readonly period: number; readonly repeats: number }

/** The longest run of whole periods, the shortest period among equals. */
function longestRepetition(items: readonly string[]): Repetition | undefined {
  let best: Repetition | undefined
  const longest = Math.min(PERIOD_MAX, Math.floor(items.length / 2))
  for (let period = 2; period <= longest; period++) {
    let run = 0
    for (let at = 0; at + period <= items.length; at++) {
      const matches = at + period < items.length && items[at] === items[at + period]
      if (matches) run++
      if (matches && at + period + 1 < items.length) continue
      const repeats = Math.floor(run / period) + 1
      const end = matches ? at + 1 : at
      const covered = repeats * period
      const isBetter = covered > (best === undefined ? 0 : best.repeats * best.period)
      if (repeats >= 2 && isBetter) best = { start: end - run, period, repeats }
      run = 0
    }
  }
  return best
}
