import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { torchBytes } from '../../src/model/torch/testing/torch-bytes.ts'
import { openCheckpoint } from './open-checkpoint.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokja-torch-'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes)

const archive = (name: string, value = 1): Uint8Array => {
  const bytes = new Uint8Array(Float32Array.of(value, value).buffer)
  return torchBytes([{ name, storageType: 'FloatStorage', sizeBytes: 4, shape: [2], bytes }])
}

const refused = async (path = ''): Promise<AppError> => {
  try {
    await (await openCheckpoint(join(folder, path))).close()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('archives of torch.save', () => {
  test('are read where there is nothing better, and their values are those that were saved', async () => {
    await put('pytorch_model.bin', archive('w', 5))
    await put('training_args.bin', 'never opened')
    const source = await openCheckpoint(folder)
    const { tensors, format, notes } = source.checkpoint
    expect(format).toBe('torch')
    expect(notes).toEqual([
      'not opened: training_args.bin (pickle files can run code when opened; dokja never opens them)',
    ])
    const [first] = tensors
    if (first === undefined) throw new Error('no tensor')
    const bytes = await source.readBytes(first, 0, 8)
    expect([...new Float32Array(bytes.slice().buffer)]).toEqual([5, 5])
    await source.close()
  })

  test('of several shards are joined, and incomplete or unrelated ones refused', async () => {
    await put('pytorch_model-00001-of-00002.bin', archive('b'))
    await put('pytorch_model-00002-of-00002.bin', archive('a'))
    const source = await openCheckpoint(folder)
    expect(source.checkpoint.tensors.map(({ name }) => name)).toEqual(['a', 'b'])
    await source.close()
    await put('other.pt', archive('c'))
    expect((await refused()).message).toMatch(/several pytorch files/)
    await put('pytorch_model-00002-of-00002.bin', archive('b'))
    await rm(join(folder, 'other.pt'))
    expect((await refused()).message).toMatch(/"b" lies in both/)
  })

  test('before torch 1.6 were bare pickles, which are not opened', async () => {
    await put('model.pt', '\u0080\u0002}q\u0000.')
    const error = await refused('model.pt')
    expect(error.code).toBe('FORMAT_UNSUPPORTED')
    expect(error.message).toMatch(/a bare pickle: pickle files can run code/)
    await put('model.pkl', archive('w'))
    expect((await refused('model.pkl')).code).toBe('FORMAT_UNSUPPORTED')
  })
})
