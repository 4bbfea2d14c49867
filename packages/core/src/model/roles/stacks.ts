import { elementCount } from '../tensor.ts'
import { numberFlatBlocks } from './flat-blocks.ts'
import { isBlockWord, isIndex, type TensorPath } from './tensor-path.ts'

/** A tensor whose place in a stack of blocks is known; outside the blocks `layer` is null. */
export type PlacedTensor = TensorPath & {
  /** Words before the block index, indices as '*'; null outside the stacks. */
  readonly stack: string | null
  readonly layer: number | null
  /** Expert index, -1 for shared experts, null for dense parts. */
  readonly expert: number | null
  /** Words before the block index. Outside the stacks: all words but the last. */
  readonly prefix: readonly string[]
  /** Words below the block index without those of the expert; outside the stacks all words. */
  readonly leaf: readonly string[]
}

type Position = {
  readonly key: string
  readonly at: number
  readonly outer: readonly number[]
  readonly value: number
}

/** Expert indices never count as blocks: experts.17, local_experts.3. */
const isExpertWord = (token: string | undefined): boolean =>
  token !== undefined && /(?:^|_)experts?$/.test(token) && !token.includes('shared')

function indexPositions(tokens: readonly string[]): readonly Position[] {
  const positions: Position[] = []
  const outer: number[] = []
  const pattern: string[] = []
  tokens.forEach((token, at) => {
    if (isIndex(token) && !isExpertWord(tokens[at - 1])) {
      const value = Number(token)
      positions.push({ key: [...pattern, '*'].join('.'), at, outer: [...outer], value })
      outer.push(value)
      pattern.push('*')
    } else {
      pattern.push(token)
    }
  })
  return positions
}

type KeyFacts = {
  readonly values: ReadonlySet<number>
  readonly leaves: ReadonlySet<string>
  /** All indices up to this one, joined. */
  readonly tuples: readonly string[]
  /** Two blocks side by side hold the same names. */
  readonly hasTwins: boolean
}

function gatherKeys(paths: readonly TensorPath[]): ReadonlyMap<string, KeyFacts> {
  const below = new Map<string, Map<string, string[]>>()
  for (const { tokens } of paths) {
    for (const { key, at, outer, value } of indexPositions(tokens)) {
      const tuple = [...outer, value].join('.')
      const tuples = below.get(key) ?? new Map<string, string[]>()
      const leaves = tuples.get(tuple) ?? []
      leaves.push(tokens.slice(at + 1).join('.'))
      tuples.set(tuple, leaves)
      below.set(key, tuples)
    }
  }
  return new Map([...below].map(([key, tuples]) => [key, factsOf(tuples)]))
}

function factsOf(contents: ReadonlyMap<string, readonly string[]>): KeyFacts {
  const tuples = [...contents.keys()]
  return {
    tuples,
    values: new Set(tuples.map((tuple) => Number(tuple.slice(tuple.lastIndexOf('.') + 1)))),
    leaves: new Set([...contents.values()].flat()),
    hasTwins: holdsTwins(contents),
  }
}

/**
 * Which index counts the blocks. Behind a block word (layers.3, block_3) the deepest one whose
 * members are built alike, so that stages.1.blocks.4 is counted by blocks, but T5's
 * block.4.layer.1 by block: its layer.0 and layer.1 differ. Without such a word the longest
 * repetition. An index with nothing below it belongs to a Sequential, not to a stack.
 */
function blockPosition(
  tokens: readonly string[],
  keys: ReadonlyMap<string, KeyFacts>,
): Position | undefined {
  const structured = indexPositions(tokens).filter(({ key }) => {
    const leaves = keys.get(key)?.leaves
    return leaves !== undefined && [...leaves].some((leaf) => leaf !== '')
  })
  const named = structured.filter(
    ({ at, key }) => isBlockWord(tokens[at - 1]) && (keys.get(key)?.leaves.size ?? 0) >= 2,
  )
  if (named.length > 0) return named.findLast(({ key }) => keys.get(key)?.hasTwins) ?? named[0]
  return structured.reduce<Position | undefined>((best, position) => {
    const size = keys.get(position.key)?.values.size ?? 0
    const bestSize = best === undefined ? 0 : (keys.get(best.key)?.values.size ?? 0)
    return size > bestSize ? position : best
  }, undefined)
}

/** Two blocks side by side, within the same outer indices, hold the same names. */
function holdsTwins(tuples: ReadonlyMap<string, readonly string[]>): boolean {
  const contents = [...tuples].filter(([, leaves]) => leaves.length >= 2)
  const texts = contents.map(([tuple, leaves]) => {
    const outer = tuple.slice(0, Math.max(0, tuple.lastIndexOf('.')))
    return `${outer}|${[...leaves].sort().join('\n')}`
  })
  return new Set(texts).size < texts.length
}

/** Block numbers: the index itself, or its rank among (outer, inner) pairs where stages nest. */
function numberBlocks(keys: ReadonlyMap<string, KeyFacts>): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const [key, { tuples, values }] of keys) {
    const nested = tuples.length > values.size
    const sorted = [...tuples].sort(compareTuples)
    sorted.forEach((tuple, rank) => {
      const last = Number(tuple.slice(tuple.lastIndexOf('.') + 1))
      numbers.set(`${key}|${tuple}`, nested ? rank : last)
    })
  }
  return numbers
}

function compareTuples(a: string, b: string): number {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Finds the block index and the expert index of every tensor. */
export function placeInStacks(paths: readonly TensorPath[]): readonly PlacedTensor[] {
  const unified = numberOddBlocks(numberFlatBlocks(paths))
  const keys = gatherKeys(unified)
  const numbers = numberBlocks(keys)
  return unified.map((path) => {
    const { tokens } = path
    const position = blockPosition(tokens, keys)
    const below = position === undefined ? tokens : tokens.slice(position.at + 1)
    const { expert, rest } = cutExpert(below)
    if (position === undefined) {
      const prefix = tokens.slice(0, -1)
      return { ...path, stack: null, layer: null, expert, prefix, leaf: rest }
    }
    const tuple = [...position.outer, position.value].join('.')
    const layer = numbers.get(`${position.key}|${tuple}`) ?? position.value
    const prefix = tokens.slice(0, position.at)
    return { ...path, stack: position.key, layer, expert, prefix, leaf: rest }
  })
}

function cutExpert(tokens: readonly string[]): {
  readonly expert: number | null
  readonly rest: readonly string[]
} {
  const shared = tokens.findIndex((token) => /^(?:shared?_(?:experts?|mlp)|shared)$/.test(token))
  const isLeafOfShared = shared >= 0 && shared < tokens.length - 1
  if (isLeafOfShared) {
    return { expert: -1, rest: tokens.map((token, i) => (i === shared ? 'mlp' : token)) }
  }
  const at = tokens.findIndex((token, i) => isExpertWord(token) && isIndex(tokens[i + 1] ?? ''))
  if (at < 0) return { expert: null, rest: tokens }
  return { expert: Number(tokens[at + 1]), rest: tokens.filter((_, i) => i !== at && i !== at + 1) }
}

/**
 * Blocks named by words that nobody foresaw (unit7.wq, segment-02/ffn): the same word with
 * consecutive numbers, each holding the same set of names below it.
 */
function numberOddBlocks(paths: readonly TensorPath[]): readonly TensorPath[] {
  const families = new Map<string, Map<number, string[]>>()
  for (const { tokens, part } of paths) {
    if (tokens.some(isIndex)) continue
    for (const { family, number, below } of numberedWords(tokens)) {
      const members = families.get(family) ?? new Map<number, string[]>()
      const names = members.get(number) ?? []
      names.push(`${below}|${part}`)
      members.set(number, names)
      families.set(family, members)
    }
  }
  const repeated = new Set([...families].filter(([, m]) => areTwins(m)).map(([family]) => family))
  if (repeated.size === 0) return paths
  return paths.map((path) => {
    if (path.tokens.some(isIndex)) return path
    const found = numberedWords(path.tokens).find(({ family }) => repeated.has(family))
    if (found === undefined) return path
    const { at, word, number } = found
    const tokens = [...path.tokens.slice(0, at), word, String(number), ...path.tokens.slice(at + 1)]
    return { ...path, tokens }
  })
}

type NumberedWord = {
  readonly family: string
  readonly word: string
  readonly number: number
  readonly at: number
  readonly below: string
}

/** Every word but the last that ends in digits. */
function numberedWords(tokens: readonly string[]): readonly NumberedWord[] {
  return tokens.slice(0, -1).flatMap((token, at) => {
    const match = /^(.*?[a-z])[_-]?(\d+)$/.exec(token)
    const word = match?.[1]
    if (word === undefined) return []
    const family = [...tokens.slice(0, at), `${word}*`].join('.')
    const below = tokens.slice(at + 1).join('.')
    return [{ family, word, number: Number(match?.[2]), at, below }]
  })
}

function areTwins(members: ReadonlyMap<number, readonly string[]>): boolean {
  if (members.size < 2) return false
  const sets = [...members.values()].map((names) => [...names].sort().join('\n'))
  const [first] = [...members.values()]
  return (first?.length ?? 0) >= 3 && sets.every((set) => set === sets[0])
}

/** Elements held by each stack: the largest one names the component. */
export function stackSizes(placed: readonly PlacedTensor[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { stack, tensor } of placed) {
    if (stack !== null) sizes.set(stack, (sizes.get(stack) ?? 0) + elementCount(tensor.shape))
  }
  return sizes
}
