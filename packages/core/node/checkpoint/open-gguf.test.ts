import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import { type GgufPair, ggufBytes } from '../../src/model/gguf/testing/gguf-bytes.ts'
import { openCheckpoint } from './open-checkpoint.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokja-gguf-'))
})
afterEach(() => rm(folder, { recursive: true }))

const put = (name: string, bytes: Uint8Array | string) => writeFile(join(folder, name), bytes)

const refused = async (path = ''): Promise<AppError> => {
  try {
    await (await openCheckpoint(join(folder, path))).close()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const part = (number: number, count: number, name: string, value: number): Uint8Array => {
  const metadata: GgufPair[] = [
    ['general.architecture', { text: 'qwen2' }],
    ['qwen2.embedding_length', { u32: 4 }],
    ['tokenizer.ggml.tokens', { texts: ['<s>', name] }],
    ['split.no', { u32: number }],
    ['split.count', { u32: count }],
  ]
  const bytes = new Uint8Array(Float32Array.of(value, value).buffer)
  return ggufBytes({ metadata, tensors: [{ name, shape: [2], type: 0, bytes }] })
}

describe('gguf files', () => {
  test('the only one of a folder is the model, with the configuration it states itself', async () => {
    await put('model-q4.gguf', part(0, 1, 'a', 1))
    await put('mmproj-f16.gguf', 'not read')
    await put('config.json', '{"model_type":"llama"}')
    const source = await openCheckpoint(folder)
    const { checkpoint } = source
    expect(checkpoint.format).toBe('gguf')
    expect(checkpoint.texts.get('tokenizer.json')).toBe('{"model":{"vocab":{"<s>":0,"a":1}}}')
    expect(checkpoint.config).toMatchObject({ model_type: 'qwen2', hidden_size: 4 })
    expect(checkpoint.notes).toEqual([
      'not read: mmproj-f16.gguf (other weights in the same folder; name one to read it)',
      'not used: config.json (the weight file describes the model itself)',
    ])
    await source.close()
  })

  test('parts are read together, whether the folder or one of them is named', async () => {
    await put('m-00001-of-00002.gguf', part(0, 2, 'b', 7))
    await put('m-00002-of-00002.gguf', part(1, 2, 'a', 9))
    for (const path of ['', 'm-00002-of-00002.gguf']) {
      const source = await openCheckpoint(join(folder, path))
      const [a] = source.checkpoint.tensors
      expect(source.checkpoint.tensors.map(({ name }) => name)).toEqual(['a', 'b'])
      if (a === undefined) throw new Error('no tensor')
      const bytes = await source.readBytes(a, 0, 8)
      expect([...new Float32Array(bytes.slice().buffer)]).toEqual([9, 9])
      await source.close()
    }
  })

  test('a missing part, two models and a part under a wrong number are refused', async () => {
    await put('m-00001-of-00002.gguf', part(0, 2, 'a', 1))
    expect((await refused()).message).toMatch(/m-00002-of-00002\.gguf: named by .* is missing/)
    await put('m-00002-of-00002.gguf', part(0, 2, 'b', 1))
    expect((await refused()).message).toMatch(/says that it is part 1 of 2, its place is 2 of 2/)
    await put('other.gguf', part(0, 1, 'a', 1))
    expect((await refused()).message).toMatch(/several gguf models/)
    await put('x-00001-of-99999.gguf', part(0, 1, 'a', 1))
    expect((await refused('x-00001-of-99999.gguf')).message).toMatch(/99999 parts/)
  })
})
