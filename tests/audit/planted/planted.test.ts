import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MODELS } from '../models.ts'
import { PLANTED } from './cases.ts'
import type { Planted } from './looks.ts'
import { rowOf, strongest, tableOf } from './table.ts'

// What is planted is found, by the tier that must find it, and the published table says so.

const rows = new Map<Planted, string>()

const PLAIN = /^(?:sign|fixed_points|expert_match)/

describe('planted and found', () => {
  it.each(PLANTED.map((planted) => [planted.what, planted.models, planted] as const))(
    '%s: %s',
    async (_, __, planted) => {
      const found = await planted.look()
      const { part } = found
      rows.set(planted, rowOf(planted, found))
      expect(part.verdict, JSON.stringify(part.reasons)).toBe(planted.verdict)
      switch (planted.by) {
        case 'hash':
          expect(part.tier).toBe('exact')
          expect(part.reasons.map(({ code }) => code)).not.toContain('exact_test_rejects')
          break
        case 'exact':
          expect(part.log10P).toBeLessThanOrEqual(-9)
          expect(strongest(part)!.test).toMatch(PLAIN)
          break
        case 'aligned':
          expect(part.log10P).toBeLessThanOrEqual(-9)
          expect(part.tier).toBe('exact')
          expect(strongest(part)!.test).toMatch(/^aligned/)
          break
        case 'robust':
          expect(part.tier).toBe('empirical')
          expect(part.reasons[0]!.code).toBe('robust_replays')
          break
        case 'told':
          expect(part.tier).toBeNull()
          expect(found.said).not.toBe('')
      }
    },
  )

  it('as the table of testdata/models says', () => {
    const table = tableOf(PLANTED.map((planted) => rows.get(planted) ?? ''))
    expect(readFileSync(join(MODELS, 'README.md'), 'utf8')).toContain(table)
  })

  it('and every test that it points to exists', () => {
    for (const { file } of PLANTED)
      expect(existsSync(join(import.meta.dirname, '..', file)), file).toBe(true)
  })
})
