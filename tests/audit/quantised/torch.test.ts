import { expect, it } from 'vitest'
import { torchBytes } from '../../../packages/core/src/model/torch/testing/torch-bytes.ts'
import { halfBits } from '../../../packages/core/src/numeric/testing/put-bits.ts'
import { bodyAgainst, loadModel, sourceOf } from './weights.ts'

it('a model saved by torch is identical to its source and tells nothing of another', async () => {
  const { weights, config } = await loadModel('s1')
  const saved = (sizeBytes: 2 | 4) =>
    torchBytes(
      Object.entries(weights).map(([name, { shape, values }]) => ({
        name,
        shape,
        sizeBytes,
        storageType: sizeBytes === 4 ? 'FloatStorage' : 'HalfStorage',
        bytes: new Uint8Array(
          (sizeBytes === 4 ? values.slice() : Uint16Array.from(values, halfBits)).buffer,
        ),
      })),
    )
  const text = JSON.stringify(config)
  const files = { 'pytorch_model.bin': saved(4), 'config.json': text }
  const own = await bodyAgainst(files, sourceOf('s1', { weights, config }))
  expect(own.verdict).toBe('identical')
  const half = { 'pytorch_model.bin': saved(2), 'config.json': text }
  const cast = await bodyAgainst(half, sourceOf('s1', { weights, config }))
  expect(['identical', 'reencoded', 'derived']).toContain(cast.verdict)
  expect(cast.log10P).toBeLessThanOrEqual(-9)
  const other = await bodyAgainst(files, sourceOf('s2', await loadModel('s2')))
  expect(other.verdict).toBe('no_evidence')
})
