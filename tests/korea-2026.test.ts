import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as replay1 from '../examples/korea-2026-stage1/replay.ts'
import * as simulation1 from '../examples/korea-2026-stage1/simulate.ts'
import * as replay2 from '../examples/korea-2026-stage2/replay.ts'
import * as simulation2 from '../examples/korea-2026-stage2/simulate.ts'
import { readRoundFolder } from '../packages/core/node/round/round-folder.ts'
import { formatDecimal, multiply, rational } from '../packages/core/src/base/rational.ts'
import { type RoundResult, runRound } from '../packages/core/src/round/run-round.ts'
import { rangeOf } from '../packages/core/src/round/score/rank.ts'
import type { PartScore, TeamScore } from '../packages/core/src/round/score/scoreboard.ts'

const folderOf = (stage: number) =>
  join(import.meta.dirname, `../examples/korea-2026-stage${stage}`)
const [first, second] = await Promise.all(
  [1, 2].map(async (stage) => {
    const input = await readRoundFolder(folderOf(stage))
    const facts = input.files.filter((file) => file.role === 'facts')
    return { result: runRound(input), factsOnly: runRound({ ...input, files: facts }) }
  }),
)
if (!first || !second) throw new Error('no result')

const team = (result: RoundResult, id: string): TeamScore => {
  const found = result.board.teams.find((entry) => entry.team === id)
  if (!found) throw new Error(id)
  return found
}
const part = (result: RoundResult, id: string, name: string): PartScore => {
  const find = (parts: readonly PartScore[]): PartScore | undefined =>
    parts.flatMap((entry) => [entry, find(entry.parts)]).find((entry) => entry?.part === name)
  const found = find(team(result, id).parts)
  if (!found) throw new Error(name)
  return found
}
const printed = (result: RoundResult, id: string, name: string, digits = 1) => {
  const { amount } = part(result, id, name)
  return amount.kind === 'unknown' ? null : formatDecimal(amount.value, digits)
}
const advancing = (result: RoundResult) =>
  result.board.teams
    .filter((t) => t.advances.kind === 'known' && t.advances.value)
    .map((t) => t.team)

describe('January 2026 replayed', () => {
  it('gives every published maximum, mean and total at its printed precision', () => {
    const { checks, contradiction } = first.result.published
    expect(checks).toHaveLength(12)
    for (const check of checks)
      expect(check, `${check.fact.part} ${check.fact.statistic}`).toMatchObject({
        verdict: 'agrees',
      })
    expect(contradiction).toBeUndefined()
  })

  it('gives LG 33.6 = 9.2 + 14.4 + 10.0, and 90.2 = 33.6 + 31.6 + 25.0', () => {
    expect(
      [
        'benchmark.nia',
        'benchmark.common',
        'benchmark.individual',
        'benchmark',
        'expert',
        'user',
      ].map((name) => printed(first.result, 'lg', name)),
    ).toEqual(['9.2', '14.4', '10.0', '33.6', '31.6', '25.0'])
    expect(part(first.result, 'lg', 'benchmark').trace.says).toBe('33.6 ≈ 9.2 + 14.4 + 10.0')
    expect(part(first.result, 'lg', 'benchmark.common').trace.says).toBe('14.4 ≈ 72.03 × 20/100')
    expect(part(first.result, 'lg', 'user').trace.says).toBe('25.0 = 1 × 25')
    expect(team(first.result, 'lg').trace.says).toBe('90.2 ≈ 33.6 + 31.6 + 25.0')
  })

  it('has LG, Naver Cloud, SKT and Upstage in front and NC AI fifth', () => {
    expect(first.result.board.ranking.slice(0, 4).sort()).toEqual([
      'lg',
      'naver-cloud',
      'skt',
      'upstage',
    ])
    expect(team(first.result, 'nc-ai').rank).toEqual({ kind: 'known', value: 5 })
  })

  it('excludes Naver Cloud by the gate for the reasons given, sends three on and opens one place', () => {
    const naver = team(first.result, 'naver-cloud')
    expect(naver.gate.outcome).toBe('excluded')
    expect(naver.advancesByScore).toEqual({ kind: 'known', value: true })
    expect(naver.advances).toEqual({ kind: 'known', value: false })
    expect(naver.gate.axes).toMatchObject({ technical: 'not_met' })
    expect(naver.gate.reasons.length).toBeGreaterThan(0)
    expect(naver.gate.evidence.length).toBeGreaterThan(0)
    const decided = first.result.record.find((entry) => entry.kind === 'gate.decided')
    expect(JSON.stringify(decided?.body)).toContain('vision_encoder')
    expect(advancing(first.result).sort()).toEqual(['lg', 'skt', 'upstage'])
    expect(first.result.board.openPlaces).toEqual({ kind: 'known', value: 1 })
  })

  it('says of every result which rules were assumed or published too late, and that the rows are simulated', () => {
    const notes = first.result.board.notes.join('\n')
    expect(notes).toContain('seeded simulation')
    expect(notes).toContain(
      'the rule "benchmark.individual" was published on 2026-01-13, after scoring began on 2026-01-05',
    )
    expect(notes).toContain('the rule "benchmark.common" was never published')
    expect(notes).toContain('no quorum was published for the panel "experts"')
    for (const input of first.result.board.inputs) {
      if (input.role !== 'facts') expect(input.path).toContain('simulated')
    }
  })

  it('from the published figures alone still gives gate, fifth place and open place, and invents no score', () => {
    const { factsOnly } = first
    expect(printed(factsOnly, 'lg', 'benchmark')).toBe('33.6')
    expect(team(factsOnly, 'lg').total.kind).toBe('published')
    for (const id of ['naver-cloud', 'skt', 'upstage', 'nc-ai']) {
      expect(team(factsOnly, id).total.kind).toBe('unknown')
    }
    expect(team(factsOnly, 'nc-ai').rank).toEqual({ kind: 'known', value: 5 })
    expect(team(factsOnly, 'skt').rank.kind).toBe('open')
    expect(factsOnly.board.ranking).toEqual([])
    expect(advancing(factsOnly).sort()).toEqual(['lg', 'skt', 'upstage'])
    expect(factsOnly.board.openPlaces).toEqual({ kind: 'known', value: 1 })
  })

  it('bounds what was not published: the simulated scores lie within, and means close the sums', () => {
    for (const own of first.factsOnly.board.teams) {
      if (own.total.kind !== 'unknown' || !own.total.least || !own.total.most) continue
      const exact = team(first.result, own.team).total
      if (exact.kind !== 'exact') throw new Error('no rows')
      const value = Number(formatDecimal(exact.value, 6))
      expect(value).toBeGreaterThanOrEqual(Number(formatDecimal(own.total.least, 6, 'down')))
      expect(value).toBeLessThanOrEqual(Number(formatDecimal(own.total.most, 6, 'up')))
    }
  })
})

describe('August 2026 replayed', () => {
  it('gives every published first, mean and gap at its printed precision', () => {
    const { checks, contradiction } = second.result.published
    expect(checks).toHaveLength(17)
    for (const check of checks)
      expect(check, `${check.fact.part} ${check.fact.statistic}`).toMatchObject({
        verdict: 'agrees',
      })
    expect(contradiction).toBeUndefined()
  })

  it('scales to fixed maxima: AAII 47.4 is 11.85 of 25, and no team reaches full marks', () => {
    expect(part(second.result, 'motif', 'benchmark.aaii').trace.says).toBe('11.9 ≈ 47.4 × 25/100')
    expect(part(second.result, 'skt', 'user.expert').trace.says).toBe('11.6 ≈ 3.857 × 15/5')
    expect(part(second.result, 'lg', 'user.public').trace.says).toBe('7.6 = 3.8 × 10/5')
  })

  it('weighs the nine sets of the index as published: 34 + 24 + 18 + 24 = 100', () => {
    const { plan } = second.result.sealed.current
    const aaii = plan.parts[0]?.parts?.[0]?.measure
    const step = aaii?.steps.find((entry) => entry.rule === 'weighted_mean')
    const weights = step?.rule === 'weighted_mean' ? step.weights : {}
    const sumOf = (...sets: string[]) => sets.reduce((sum, set) => sum + (weights[set] ?? 0), 0)
    expect([
      sumOf('gdpval-aa', 'tau3-banking'),
      sumOf('terminal-bench', 'scicode'),
      sumOf('aa-lcr', 'aa-omniscience'),
      sumOf('hle', 'gpqa-diamond', 'critpt'),
      sumOf(...Object.keys(weights)),
    ]).toEqual([34, 24, 18, 24, 100])
  })

  it('from the published figures alone bounds what 11.9 means on the index: 47.4 to 47.8', () => {
    const { amount } = part(second.factsOnly, 'motif', 'benchmark.aaii')
    expect(amount).toMatchObject({ kind: 'published', digits: 1 })
    // 11.9 as printed is 11.85 to 11.95 of 25, so four times that on the index.
    const range = rangeOf(amount)
    expect(
      range && [range.least, range.most].map((r) => formatDecimal(multiply(r, rational(4)), 1)),
    ).toEqual(['47.4', '47.8'])
    expect(second.factsOnly.board.teams.map((t) => t.rank)).toMatchObject([
      { kind: 'open' },
      { kind: 'open' },
      { kind: 'open' },
      { kind: 'known', value: 4 },
    ])
  })

  it('drops Motif, first on the index and last in total by a narrow margin; nobody by the gate', () => {
    expect(second.result.board.ranking.at(-1)).toBe('motif')
    expect(advancing(second.result).sort()).toEqual(['lg', 'skt', 'upstage'])
    expect(second.result.board.teams.map((t) => t.gate.outcome)).toEqual(Array(4).fill('passes'))
    expect(second.result.board.openPlaces).toEqual({ kind: 'known', value: 0 })
  })

  it('gives another order under the scaling of stage 1 or equal points per rank, and says so', () => {
    const { alternatives } = second.result.sensitivity
    expect(alternatives.map((entry) => entry.rule)).toEqual([
      'user-best-team',
      'expert-all-ten',
      'rank-points',
      'experts-heavier',
    ])
    expect(alternatives.some((entry) => entry.changesDecision)).toBe(true)
  })
})

describe('the examples', () => {
  it.each([
    [1, simulation1, replay1],
    [2, simulation2, replay2],
  ])(
    'of stage %i are what their scripts write, byte for byte',
    async (stage, simulation, replay) => {
      for (const [path, text] of simulation.simulate()) {
        expect(readFileSync(join(folderOf(stage), path), 'utf8'), path).toBe(text)
      }
      expect(await replay.makeRecord()).toBe(
        readFileSync(join(folderOf(stage), 'record.jsonl'), 'utf8'),
      )
    },
  )
})
