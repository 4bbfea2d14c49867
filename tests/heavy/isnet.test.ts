import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'

// A published network in half precision and its quantised twin (44 million parameters, AGPL). Runs
// through `npm run test:heavy`, which fetches it; otherwise it is skipped.

const folder = process.env['DOKJA_ISNET'] ?? ''

describe.skipIf(folder === '')('a published quantised pair (npm run test:heavy)', () => {
  it('is found by exact tests, under other names and in eight bits', async () => {
    const [small, medium] = [
      await openCheckpoint(join(folder, 'small.onnx')),
      await openCheckpoint(join(folder, 'medium.onnx')),
    ]
    try {
      const comparison = await compareModels(small, medium)
      expect(['reencoded', 'derived']).toContain(comparison.verdict)
      const [model] = comparison.components
      expect(model?.tier).toBe('exact')
      expect(model?.log10P ?? 0).toBeLessThan(-9)
    } finally {
      await Promise.all([small.close(), medium.close()])
    }
  }, 300_000)
})
