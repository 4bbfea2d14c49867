import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Case, smallCases } from '../bench/peers/cases.ts'
import { inventedTokenizer } from '../bench/peers/invented-tokenizer.ts'
import {
  expectedOfAwm,
  expectedOfMpk,
  expectedOfPhiU,
  judgeComponents,
  judgeYesNo,
  type Truth,
} from '../bench/peers/judge.ts'
import type { Row } from '../bench/peers/measure.ts'
import { COPIES, makeCopy } from '../bench/peers/small-copies.ts'
import { countsOf, ratiosOf, tableOf } from '../bench/peers/table.ts'
import { dokja, findPeers, type Tool } from '../bench/peers/tools.ts'
import { compareByName } from './audit/models.ts'

// The parts of `npm run bench -- peers` that need no peer: who is right, what is missing, the sums.

const scratch = mkdtempSync(join(tmpdir(), 'dokja-bench-peers-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const caseNamed = (text: string): Case =>
  smallCases(scratch).find(({ name }) => name.startsWith(text))!
const truthOf = (text: string): Truth => caseNamed(text).truth

describe('who is right', () => {
  it('takes each peer by its own documents', () => {
    const expected = (text: string) =>
      [expectedOfPhiU, expectedOfAwm, expectedOfMpk].map((rule) => rule(truthOf(text)))
    expect(expected('cpt1')).toEqual([true, true, true])
    expect(expected('s2')).toEqual([false, false, false])
    // The body is its own, and the body is what φ_U and AWM read; token tables are weights too.
    expect(expected('emb-reuse')).toEqual([false, false, true])
    // MPK: a teacher is provenance (C2), a seed is not (4.4), parts are an open question (10.2).
    expect(expected('distilled')).toEqual([null, null, true])
    expect(expected('same1')).toEqual([null, null, false])
    expect(expected('vlm')).toEqual([false, false, null])
  })

  it('tells a miss from a false alarm', () => {
    expect(judgeYesNo(true, true)).toBe('right')
    expect(judgeYesNo(false, true)).toBe('missed')
    expect(judgeYesNo(true, false)).toBe('false alarm')
    expect(judgeYesNo(false, false)).toBe('right')
    expect(judgeYesNo(true, null)).toBe('not judged')
  })

  it.each([
    ['right', { body: 'derived', encoder: 'no_evidence' }],
    ['right', { body: 'derived', encoder: 'not_testable' }],
    ['missed', { body: 'no_evidence', encoder: 'no_evidence' }],
    ['missed', { encoder: 'no_evidence' }],
    ['false alarm', { body: 'derived', encoder: 'derived' }],
    ['false alarm', { body: 'no_evidence', encoder: 'derived' }],
    ['wrong word', { body: 'identical', encoder: 'no_evidence' }],
  ])('%s: %j', (judgement, found) => {
    const allowed = { body: ['derived'], encoder: ['no_evidence', 'not_testable'] }
    expect(judgeComponents(found, allowed)).toBe(judgement)
  })

  it('counts a silent component beside one that gives the descent away as found in part', () => {
    const allowed = { body: ['derived'], embeddings: ['derived'] }
    expect(judgeComponents({ body: 'derived', embeddings: 'no_evidence' }, allowed)).toBe('in part')
    expect(judgeComponents({ body: 'no_evidence', embeddings: 'no_evidence' }, allowed)).toBe(
      'missed',
    )
  })
})

describe('answers', () => {
  it('of Dokja are judged by what is known of the pair', async () => {
    const output = JSON.stringify(await compareByName('emb-reuse', 's1'))
    const { answer, judgement } = dokja.read(output, caseNamed('emb-reuse'))
    expect(judgement).toBe('right')
    expect(answer).toMatch(/^language_model no_evidence, embeddings identical \(p 10\^-\d+\)$/)
    expect(dokja.read(output, caseNamed('s2')).judgement).toBe('false alarm')
    expect(dokja.read(output, caseNamed('cpt1')).judgement).toBe('wrong word')
    expect(dokja.bytesRead!(output)).toBeGreaterThan(100_000)
  })

  it.each([
    ['φ_U', 's2', { log10P: -0.8 }, 'p 10^-0.8', 'right'],
    ['φ_U', 's2', { log10P: -9 }, 'p 10^-9.0', 'false alarm'],
    ['φ_U', 'cpt1', { log10P: -8.9 }, 'p 10^-8.9', 'missed'],
    ['φ_U', 'cpt1', { log10P: null }, 'p < 10^-307', 'right'],
    ['AWM', 's2', { percent: 0.01, z: 1.3 }, '0.01 %, z 1.3', 'right'],
    ['AWM', 's2', { percent: 15.7, z: 54.7 }, '15.70 %, z 54.7', 'false alarm'],
    ['AWM', 'same1', { percent: 12.7, z: 44.2 }, '12.70 %, z 44.2', 'not judged'],
    [
      'MPK',
      's2',
      { decision: 'Confirmed Match', identityScore: 0.584, tier: 1 },
      'Confirmed Match (tier 1; score of the weights 0.58)',
      'false alarm',
    ],
    [
      'MPK',
      'cpt1',
      { decision: 'Weak Match', identityScore: null, tier: 3 },
      'Weak Match (tier 3; score of the weights none)',
      'missed',
    ],
  ])('of %s on %s: %j', (name, pair, line, answer, judgement) => {
    const tool = installed().find((peer) => peer.name === name)!
    const output = `a line of the peer's own\n\n${JSON.stringify(line)}\n`
    expect(tool.read(output, caseNamed(pair))).toEqual({ answer, judgement })
  })
})

/** Folders that look like the reader's clones; nothing in them is run. */
function installed(): readonly Tool[] {
  for (const witness of [
    'model-tracing/tracing/statistics/csu.py',
    'AWM/main.py',
    'model-provenance-kit/src/provenancekit/cli.py',
    'python',
  ]) {
    mkdirSync(dirname(join(scratch, witness)), { recursive: true })
    writeFileSync(join(scratch, witness), '')
  }
  return findPeers(scratch, join(scratch, 'python')).installed
}

describe('the run', () => {
  it('goes on without peers and says which are not installed', () => {
    const none = findPeers(join(scratch, 'nowhere'), process.execPath)
    expect(none).toEqual({ installed: [], missing: ['φ_U', 'AWM', 'MPK'] })
    const lines = tableOf([], none.missing).split('\n')
    expect(lines.filter((line) => line.includes('not installed'))).toHaveLength(3)
    expect(findPeers(join(scratch, 'nowhere'), '/no/python').installed).toEqual([])
  })

  it('calls a driver that exists, with the clone and both checkpoints', () => {
    for (const tool of installed()) {
      const [python, driver, clone, ...models] = tool.command(caseNamed('s2'))
      expect([python, driver, clone].map((path) => existsSync(path!))).toEqual([true, true, true])
      expect(models.map((path) => existsSync(join(path, 'model.safetensors')))).toEqual([
        true,
        true,
      ])
    }
  })

  it('makes its copies as checkpoints', async () => {
    expect(Object.keys(COPIES).every((name) => caseNamed(name))).toBe(true)
    await makeCopy('cpt1-layers-pruned', join(scratch, 'cpt1-layers-pruned'))
    const { candidate, reference, allowed } = caseNamed('cpt1-layers-pruned')
    const comparison = await compareByName(candidate, reference)
    expect(comparison.candidate.layerCount).toBe(2)
    expect(comparison.reference.layerCount).toBe(3)
    expect(allowed['language_model']).toContain(comparison.components[0]!.verdict)
  })

  it('invents a tokenizer whose every merge joins earlier tokens', () => {
    const { model } = inventedTokenizer(600) as {
      model: { vocab: Record<string, number>; merges: [string, string][] }
    }
    const ids = Object.values(model.vocab).toSorted((x, y) => x - y)
    expect(ids).toEqual(Array.from({ length: 600 }, (_, id) => id))
    for (const [left, right] of model.merges) {
      const id = model.vocab[left + right]!
      expect(model.vocab[left]).toBeLessThan(id)
      expect(model.vocab[right]).toBeLessThan(id)
    }
    expect(model.merges).toHaveLength(600 - 256)
  })

  it('sums up and compares costs', () => {
    const cost = { cpuSeconds: 1, memoryMB: 100, readMB: 10 }
    const row = (pair: string, tool: string, more: Pick<Row, 'judgement' | 'cost'>): Row => ({
      pair: caseNamed(pair),
      tool,
      answer: '',
      ...more,
    })
    const pair = caseNamed('s2')
    const rows: Row[] = [
      row('s2', 'Dokja', { judgement: 'right', cost: { ...cost, seconds: 2, workSeconds: null } }),
      row('s2', 'AWM', {
        judgement: 'false alarm',
        cost: { cpuSeconds: 30, memoryMB: 400, readMB: 5000, seconds: 240, workSeconds: 200 },
      }),
      row('s2', 'MPK', {
        judgement: 'no answer',
        cost: { ...cost, seconds: 9, workSeconds: null },
      }),
    ].map((entry) => ({ ...entry, pair }))
    expect(ratiosOf(rows).split('\n')).toHaveLength(3)
    expect(ratiosOf(rows)).toContain('| AWM | 120 | 100 | 30.0 | 4.00 | 500 |')
    expect(countsOf(rows)).toContain('| AWM | 1 | 0 | 0 | 0 | 1 | 0 | 0 | 0 |')
    expect(countsOf(rows)).toContain('| MPK | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 0 |')
    expect(tableOf(rows, [])).toContain('**false alarm**')
  })
})
