import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import type { CompareProgress } from '../../packages/core/src/audit/compare-models.ts'
import { type AuditStep, runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { compareByName, MODELS } from './models.ts'

describe('what a comparison tells while it works', () => {
  // s2 is a stranger, so that every second look is made; sft1 depends, so that its change is described.
  it.each([
    ['s2', 's1', ['content', 'signs', 'positions', 'axes', 'folding', 'alignment', 'robust']],
    ['sft1', 's1', ['content', 'signs', 'positions', 'layers', 'difference']],
  ] as const)(
    '%s against %s: every step, each piece once, no other result',
    async (a, b, steps) => {
      const told: CompareProgress[] = []
      const result = await compareByName(a, b, { onProgress: (one) => told.push(one) })
      expect(result).toEqual(await compareByName(a, b))
      const body = told.filter(({ component }) => component === 'language_model')
      expect([...new Set(body.map(({ step }) => step))]).toEqual(expect.arrayContaining([...steps]))
      for (const [at, now] of told.entries()) {
        expect(now.at).toBeLessThan(now.components)
        const before = told[at - 1]
        expect(now.bytesRead).toBeGreaterThanOrEqual(before?.bytesRead ?? 0)
        const isBegun = now.done === 0
        if (!isBegun) expect([before?.step, before?.done]).toEqual([now.step, now.done - 1])
        if (isBegun && before) expect(before.done).toBe(before.of)
      }
    },
  )

  it('an audit says which reference it is at, and when it looks for mixtures', async () => {
    const told: AuditStep[] = []
    const candidate = await openCheckpoint(join(MODELS, 'cpt1'))
    const references = ['s1', 'sft1b'].map((name) => () => openCheckpoint(join(MODELS, name)))
    await runAudit(candidate, references, { onProgress: (step) => told.push(step) })
    await candidate.close()
    const phases = told.map(({ phase, reference }) => `${phase} ${reference}`)
    expect([...new Set(phases)].slice(0, 2)).toEqual(['reference 0', 'reference 1'])
    expect(phases).toContain('relatives 1')
    expect(phases.at(-1)).toBe('mixtures 0')
  })
})
