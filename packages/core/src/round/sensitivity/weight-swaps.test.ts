import { describe, expect, it } from 'vitest'
import { parseDecimal, rational } from '../../base/rational.ts'
import { type SwapInput, weightSwaps } from './weight-swaps.ts'

const decimal = (text: string) => parseDecimal(text) ?? rational(0)
const team = (id: string) => ({ kind: 'team', team: id }) as const

function input(scores: Record<string, readonly string[]>): SwapInput {
  const parts = [
    { id: 'bench', points: rational(40) },
    { id: 'expert', points: rational(35) },
    { id: 'user', points: rational(25) },
  ]
  const byTeam = Object.entries(scores).map(([id, own]) => [id, own.map(decimal)] as const)
  return { parts, level: 'top', scores: new Map(byTeam) }
}

describe('weight swaps', () => {
  it('follow the closed form', () => {
    // A: shares .8 .8 .8 = 80; B: .9 .8 .6 = 36 + 28 + 15 = 79. D = 1, d = (−.1, 0, .2).
    const found = weightSwaps(input({ a: ['32', '28', '20'], b: ['36', '28', '15'] }), {
      at: 'cut',
      front: [team('a')],
      back: [team('b')],
    })
    const others = found.filter((swap) => swap.kind === 'others')
    // bench: R = (1 + 40·.1)/60 = 1/12; t = −1/(−.1 − 1/12) = 60/11
    // expert: R = 1/65; t = 65: out of the 65 that there are, exactly possible
    // user: R = (1 − 25·.2)/75 = −4/75; t = −1/(.2 + 4/75) = −75/19
    expect(others.map((swap) => [swap.part, swap.points])).toEqual([
      ['bench', 60 / 11],
      ['expert', 65],
      ['user', -75 / 19],
    ])
    const between = found.filter((swap) => swap.kind === 'between')
    expect(between.map((swap) => [swap.from, swap.to, swap.points])).toEqual([
      ['expert', 'bench', 10],
      ['user', 'bench', 10 / 3],
      ['user', 'expert', 5],
    ])
  })

  it('say none when the team ahead is ahead everywhere', () => {
    const found = weightSwaps(input({ a: ['32', '28', '20'], b: ['30', '27', '19'] }), {
      at: 'first_place',
      front: [team('a')],
      back: [team('b')],
    })
    expect(found).toEqual([
      {
        at: 'first_place',
        level: 'top',
        overtakes: team('b'),
        passed: team('a'),
        kind: 'none',
      },
    ])
  })

  it('take the pair that swaps first, not the pair with the smallest gap', () => {
    // b is 1 behind a and ahead nowhere; c is 2 behind and far ahead in one part.
    const scores = { a: ['32', '28', '20'], b: ['31.5', '27.7', '19.8'], c: ['38', '23', '17'] }
    const found = weightSwaps(input(scores), {
      at: 'cut',
      front: [team('a')],
      back: [team('b'), team('c')],
    })
    expect(found.length).toBeGreaterThan(0)
    for (const swap of found) expect(swap.overtakes).toEqual(team('c'))
  })

  it('treat a threshold like a contestant with the same share of every part', () => {
    const found = weightSwaps(input({ a: ['38', '20', '16'] }), {
      at: 'cut',
      front: [team('a')],
      back: [{ kind: 'threshold', points: 70 }],
    })
    // Shares .95, .571, .64 against .7: bench down until .95w + (36/60)(100 − w) = 70: w = 200/7.
    const bench = found.find((swap) => swap.kind === 'others' && swap.part === 'bench')
    expect(bench).toMatchObject({ overtakes: { kind: 'threshold', points: 70 } })
    expect(bench?.kind === 'others' ? bench.points : 0).toBeCloseTo(200 / 7 - 40, 10)
  })
})
