import { describe, expect, it } from 'vitest'
import { createRng, type Rng } from '../../base/rng.ts'

// A sign family may be used only if two things hold: the forward pass does not change when a unit
// flips, and training commutes with the flips. Both are shown here on a small transformer block
// in float64, with gradients by central differences. Families that must not be used must fail.

const D = 8
const H = 6
const HEAD = 4
const HEADS = 4
const GROUPS = 2
const TOKENS = 5

type Block = {
  readonly norm: 'rms' | 'layer'
  readonly rotary: 'half' | 'interleaved' | 'none'
  readonly mlp: 'gated' | 'gated_affine' | 'plain'
}

type Params = Record<string, Float64Array>

const SIZES: Record<string, readonly [number, number]> = {
  q: [HEADS * HEAD, D],
  k: [GROUPS * HEAD, D],
  v: [GROUPS * HEAD, D],
  o: [D, HEADS * HEAD],
  gate: [H, D],
  up: [H, D],
  down: [D, H],
  embed: [TOKENS, D],
  head: [3, D],
}

function draw(rng: Rng): Params {
  return Object.fromEntries(
    Object.entries(SIZES).map(([name, [rows, cols]]) => [
      name,
      Float64Array.from({ length: rows * cols }, () => 0.5 * rng.nextNormal()),
    ]),
  )
}

const at = (m: Float64Array, cols: number, i: number, j: number) => m[i * cols + j]!

function linear(p: Params, name: string, x: readonly number[]): number[] {
  const [rows, cols] = SIZES[name]!
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0
    for (let j = 0; j < cols; j++) sum += at(p[name]!, cols, i, j) * x[j]!
    return sum
  })
}

function normalise(x: readonly number[], kind: Block['norm']): number[] {
  const mean = kind === 'layer' ? x.reduce((s, v) => s + v, 0) / x.length : 0
  const centred = x.map((v) => v - mean)
  const rms = Math.sqrt(centred.reduce((s, v) => s + v * v, 0) / x.length + 1e-5)
  return centred.map((v) => v / rms)
}

function rotate(head: readonly number[], position: number, kind: Block['rotary']): number[] {
  if (kind === 'none') return [...head]
  const out = [...head]
  for (let j = 0; j < HEAD / 2; j++) {
    const [x, y] = kind === 'half' ? [j, j + HEAD / 2] : [2 * j, 2 * j + 1]
    const angle = position * 0.7 ** j
    out[x!] = head[x!]! * Math.cos(angle) - head[y!]! * Math.sin(angle)
    out[y!] = head[x!]! * Math.sin(angle) + head[y!]! * Math.cos(angle)
  }
  return out
}

const silu = (x: number) => x / (1 + Math.exp(-x))

function logits(p: Params, block: Block): number[] {
  let stream = Array.from({ length: TOKENS }, (_, t) =>
    Array.from({ length: D }, (_, j) => at(p['embed']!, D, t, j)),
  )
  const normed = stream.map((x) => normalise(x, block.norm))
  const heads = (name: string, rotated: boolean) =>
    normed.map((x, t) => {
      const flat = linear(p, name, x)
      return Array.from({ length: flat.length / HEAD }, (_, h) => {
        const head = flat.slice(h * HEAD, (h + 1) * HEAD)
        return rotated ? rotate(head, t, block.rotary) : head
      })
    })
  const [q, k, v] = [heads('q', true), heads('k', true), heads('v', false)]
  stream = stream.map((x, t) => {
    const mixed: number[] = []
    for (let h = 0; h < HEADS; h++) {
      const g = Math.floor((h * GROUPS) / HEADS)
      const scores = q
        .slice(0, t + 1)
        .map((_, s) =>
          Math.exp(q[t]![h]!.reduce((sum, value, j) => sum + value * k[s]![g]![j]!, 0) / 2),
        )
      const total = scores.reduce((sum, value) => sum + value, 0)
      for (let j = 0; j < HEAD; j++) {
        mixed.push(scores.reduce((sum, w, s) => sum + (w / total) * v[s]![g]![j]!, 0))
      }
    }
    return linear(p, 'o', mixed).map((value, j) => value + x[j]!)
  })
  stream = stream.map((x) => {
    const y = normalise(x, block.norm)
    const gate = linear(p, 'gate', y)
    const up = linear(p, 'up', y)
    const inner = gate.map((g, i) => {
      if (block.mlp === 'plain') return silu(up[i]!)
      return silu(g) * (block.mlp === 'gated_affine' ? up[i]! + 1 : up[i]!)
    })
    return linear(p, 'down', inner).map((value, j) => value + x[j]!)
  })
  return stream.flatMap((x) => linear(p, 'head', normalise(x, block.norm)))
}

const loss = (p: Params, block: Block): number =>
  logits(p, block).reduce((sum, z, i) => sum + (z - Math.sin(i)) ** 2, 0)

/** Rows or columns (of named matrices) that change sign together. */
type Flip = readonly {
  readonly name: string
  readonly axis: 'row' | 'col'
  readonly index: number
}[]

function flip(p: Params, units: readonly Flip[]): Params {
  const out = Object.fromEntries(Object.entries(p).map(([n, m]) => [n, m.slice()]))
  for (const { name, axis, index } of units.flat()) {
    const [rows, cols] = SIZES[name]!
    for (let i = 0; i < (axis === 'row' ? cols : rows); i++) {
      const where = axis === 'row' ? index * cols + i : i * cols + index
      out[name]![where] = -out[name]![where]!
    }
  }
  return out
}

const row = (name: string, index: number) => ({ name, axis: 'row' as const, index })
const col = (name: string, index: number) => ({ name, axis: 'col' as const, index })
const queriesOf = (group: number) =>
  Array.from({ length: HEADS / GROUPS }, (_, i) => (group * HEADS) / GROUPS + i)
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

const FAMILIES: Record<string, { readonly block: Block; readonly units: readonly Flip[] }> = {
  'up rows with down columns (gated MLP)': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: range(H).map((i) => [row('up', i), col('down', i)]),
  },
  'value dimensions with output columns of the group': {
    block: { norm: 'layer', rotary: 'half', mlp: 'plain' },
    units: range(GROUPS * HEAD).map((i) => [
      row('v', i),
      ...queriesOf(Math.floor(i / HEAD)).map((q) => col('o', q * HEAD + (i % HEAD))),
    ]),
  },
  'rotary pairs, half-split': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: keyPairs((j) => [j, j + HEAD / 2]),
  },
  'rotary pairs, interleaved': {
    block: { norm: 'rms', rotary: 'interleaved', mlp: 'gated' },
    units: keyPairs((j) => [2 * j, 2 * j + 1]),
  },
  'quadruples under the half-split layout': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: keyQuads(),
  },
  'quadruples under the interleaved layout': {
    block: { norm: 'rms', rotary: 'interleaved', mlp: 'gated' },
    units: keyQuads(),
  },
  'quadruples without rotation': {
    block: { norm: 'layer', rotary: 'none', mlp: 'plain' },
    units: keyQuads(),
  },
  'single key dimensions without rotation': {
    block: { norm: 'layer', rotary: 'none', mlp: 'plain' },
    units: range(GROUPS * HEAD).map((i) => keyRows(Math.floor(i / HEAD), [i % HEAD])),
  },
  'residual dimensions under RMSNorm': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: range(D).map(residualUnit),
  },
}

const FORBIDDEN: Record<string, { readonly block: Block; readonly units: readonly Flip[] }> = {
  'gate rows': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: range(H).map((i) => [row('gate', i), col('down', i)]),
  },
  'one coordinate of a rotary pair': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated' },
    units: range(HEAD / 2).map((j) => keyRows(0, [j])),
  },
  'pairs of the wrong rotary layout': {
    block: { norm: 'rms', rotary: 'interleaved', mlp: 'gated' },
    units: keyPairs((j) => [j, j + HEAD / 2]),
  },
  'residual dimensions under LayerNorm': {
    block: { norm: 'layer', rotary: 'half', mlp: 'gated' },
    units: range(D).map(residualUnit),
  },
  'rows of an MLP without gate': {
    block: { norm: 'rms', rotary: 'half', mlp: 'plain' },
    units: range(H).map((i) => [row('up', i), col('down', i)]),
  },
  'up rows where the branch is affine (up + 1)': {
    block: { norm: 'rms', rotary: 'half', mlp: 'gated_affine' },
    units: range(H).map((i) => [row('up', i), col('down', i)]),
  },
}

function keyRows(group: number, dims: readonly number[]): Flip {
  return dims.flatMap((j) => [
    row('k', group * HEAD + j),
    ...queriesOf(group).map((q) => row('q', q * HEAD + j)),
  ])
}

function keyPairs(pair: (j: number) => readonly number[]): Flip[] {
  return range(GROUPS).flatMap((g) => range(HEAD / 2).map((j) => keyRows(g, pair(j))))
}

function keyQuads(): Flip[] {
  return range(GROUPS).map((g) => keyRows(g, [0, 1, 2, 3]))
}

function residualUnit(j: number): Flip {
  return [
    ...['embed', 'q', 'k', 'v', 'gate', 'up', 'head'].map((name) => col(name, j)),
    row('o', j),
    row('down', j),
  ]
}

/** A few AdamW steps; moments and decay as in training. */
function train(start: Params, block: Block): Params {
  const p = Object.fromEntries(Object.entries(start).map(([n, m]) => [n, m.slice()]))
  const first: Params = Object.fromEntries(Object.entries(p).map(([n, m]) => [n, m.map(() => 0)]))
  const second: Params = Object.fromEntries(Object.entries(p).map(([n, m]) => [n, m.map(() => 0)]))
  for (let step = 1; step <= 3; step++) {
    const gradient = gradientOf(p, block)
    for (const name of Object.keys(p)) {
      for (let i = 0; i < p[name]!.length; i++) {
        const g = gradient[name]![i]!
        const m = 0.9 * first[name]![i]! + 0.1 * g
        const v = 0.95 * second[name]![i]! + 0.05 * g * g
        first[name]![i] = m
        second[name]![i] = v
        const update = m / (1 - 0.9 ** step) / (Math.sqrt(v / (1 - 0.95 ** step)) + 1e-4)
        p[name]![i] = p[name]![i]! * (1 - 0.001) - 0.01 * update
      }
    }
  }
  return p
}

function gradientOf(p: Params, block: Block): Params {
  const step = 1e-5
  return Object.fromEntries(
    Object.entries(p).map(([name, matrix]) => [
      name,
      matrix.map((value, i) => {
        matrix[i] = value + step
        const up = loss(p, block)
        matrix[i] = value - step
        const down = loss(p, block)
        matrix[i] = value
        return (up - down) / (2 * step)
      }),
    ]),
  )
}

const farthest = (a: readonly number[], b: readonly number[]) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0)

const chosenUnits = (units: readonly Flip[], rng: Rng) =>
  units.filter((_, i) => i === 0 || rng.nextUint32() % 2 === 1)

describe('sign families', () => {
  it.each(Object.entries(FAMILIES))('%s: the function does not change', (_, { block, units }) => {
    const rng = createRng(5)
    for (let round = 0; round < 10; round++) {
      const p = draw(rng)
      const flipped = flip(p, chosenUnits(units, rng))
      expect(farthest(logits(p, block), logits(flipped, block))).toBeLessThan(1e-12)
    }
  })

  it.each(Object.entries(FAMILIES))('%s: training commutes', (_, { block, units }) => {
    const rng = createRng(6)
    const p = draw(rng)
    const chosen = chosenUnits(units, rng)
    const there = flip(train(p, block), chosen)
    const here = train(flip(p, chosen), block)
    for (const name of Object.keys(p)) {
      expect(farthest([...there[name]!], [...here[name]!]), name).toBeLessThan(1e-5)
    }
  })

  it.each(Object.entries(FORBIDDEN))('%s: must not be used', (_, { block, units }) => {
    const rng = createRng(7)
    const p = draw(rng)
    const flipped = flip(p, chosenUnits(units, rng))
    expect(farthest(logits(p, block), logits(flipped, block))).toBeGreaterThan(1e-3)
  })
})

describe('latent dimensions of MLA', () => {
  // keys and values = B · rms(A x): flipping row j of A and column j of B changes nothing.
  const latent = (a: number[][], b: number[][], x: readonly number[]) => {
    const down = a.map((r) => r.reduce((sum, w, i) => sum + w * x[i]!, 0))
    const normed = normalise(down, 'rms')
    return b.map((r) => r.reduce((sum, w, i) => sum + w * normed[i]!, 0))
  }

  it('flip with the columns that read them', () => {
    const rng = createRng(9)
    const a = range(4).map(() => range(D).map(() => rng.nextNormal()))
    const b = range(6).map(() => range(4).map(() => rng.nextNormal()))
    const x = range(D).map(() => rng.nextNormal())
    const flippedA = a.map((r, j) => (j === 2 ? r.map((w) => -w) : r))
    const flippedB = b.map((r) => r.map((w, j) => (j === 2 ? -w : w)))
    expect(farthest(latent(a, b, x), latent(flippedA, flippedB, x))).toBe(0)
    expect(farthest(latent(a, b, x), latent(flippedA, b, x))).toBeGreaterThan(1e-3)
  })
})
