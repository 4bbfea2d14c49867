import { describe, expect, it } from 'vitest'
import type { Replay } from '../../audit/technical/replay/replay.ts'
import { displayWidth } from '../terminal/width.ts'
import { HOSTILE_NAME } from '../testing/audit-cases.ts'
import { renderReplay } from './replay-text.ts'

/** Invented figures. */
const REPLAY: Replay = {
  schemaVersion: 1,
  candidate: 'team-e/turned-7b',
  reference: 'llama/llama-7b',
  transform: {
    component: 'language_model',
    kind: 'rotation',
    candidate: 'team-e/turned-7b',
    reference: 'llama/llama-7b',
    digest: `sha256:${'7'.repeat(64)}`,
  },
  outcome: 'reproduced',
  stated: { correlation: 0.9951, error: 0.0988 },
  replayed: { correlation: 0.9951, error: 0.0988 },
  tolerance: 1e-4,
  rotationGap: 3e-7,
  kinds: [
    {
      kind: 'down',
      heldOut: true,
      basis: 'recovered',
      matrices: 2,
      correlation: 0.9951,
      error: 0.0988,
      values: 16_777_216,
    },
    {
      kind: 'v',
      heldOut: false,
      basis: 'as_stored',
      matrices: 1,
      correlation: null,
      error: null,
      values: 100,
    },
  ],
  layers: Array.from({ length: 43 }, (_, layer) => ({
    kind: 'down' as const,
    layer,
    referenceLayer: layer + 1,
    isMapped: layer !== 1,
    lambda: 1,
    compared: layer === 0 ? 1000 : 2048,
    of: 2048,
    correlation: 0.9951,
    error: 0.0988,
    values: 8_388_608,
  })),
  leftOut: [
    { kind: 'vo', layer: 0, why: 'over_budget' },
    { kind: 'vo', layer: 1, why: 'over_budget' },
    { kind: 'q', layer: 0, why: 'shapes_differ' },
  ],
  bytesRead: { candidate: 90_000_000, reference: 90_000_000 },
}

const text = (change: Partial<Replay> = {}, language: 'ko' | 'en' = 'en', width = 100) =>
  renderReplay({ ...REPLAY, ...change }, { language, color: false, width })
const flat = (...args: Parameters<typeof text>) => text(...args).replaceAll(/\s+/g, ' ')

describe('a replay on the terminal', () => {
  it('says what came out, of what, and what it does not say', () => {
    const words = flat()
    expect(words).toContain('[ok] The transform gives what the file states')
    expect(words).toContain('MLP down not seen 0.9951 0.0988 16,777,216')
    expect(words).toContain('Attention v * used - - 100')
    expect(words).toContain('0 → 1 0.9951')
    expect(words).toContain('1 → 2 ° 0.9951')
    expect(words).toContain('° A layer that the transform does not name')
    expect(words).toContain('3 more layers are in --json.')
    expect(words).toContain('Compared in part, within what may be read (--budget): MLP down.')
    expect(words).toContain('more than may be read (--budget): v × o.')
    expect(words).toContain('sizes differ between the models: Attention q.')
    expect(words).toContain('no verdict rests on it')
    expect(words).not.toContain('names prove nothing')
    expect(words).not.toContain('away from a rotation')
  })

  it('tells other outcomes apart, warns of a matrix that is no rotation and of other names', () => {
    const replayed = { correlation: 0.0123, error: 0.9999 }
    const words = flat({ outcome: 'not_reproduced', replayed, rotationGap: 0.4321 })
    expect(words).toContain('[!!] The transform does not give')
    expect(words).toContain('the correlation is 0.0123 where 0.9951 is stated')
    expect(words).toContain('0.4321 away from a rotation')
    const open = flat({ outcome: 'not_determinable', stated: null, candidate: 'other' })
    expect(open).toContain('[?] The file states nothing')
    expect(open).toContain('The file names team-e/turned-7b as the candidate')
  })

  it.each(['ko', 'en'] as const)(
    'keeps within its width and shows no name as it came: %s',
    (language) => {
      for (const width of [100, 60, 36]) {
        const transform = { ...REPLAY.transform, component: HOSTILE_NAME, candidate: HOSTILE_NAME }
        const lines = text({ candidate: HOSTILE_NAME, transform }, language, width).split('\n')
        for (const line of lines) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(line).not.toMatch(/[\u0000-\u001f\u202e\u2066]/)
        }
      }
      expect(/[가-힣]/.test(text({}, language))).toBe(language === 'ko')
    },
  )
})
