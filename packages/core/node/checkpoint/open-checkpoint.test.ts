import { mkdir, mkdtemp, open, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../src/base/errors.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { safetensorsBytes } from '../../src/model/safetensors/write-safetensors.ts'
import { openCheckpoint } from './open-checkpoint.ts'

let root: string
const opened: TensorSource[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'checkpoint-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()))
  await rm(root, { recursive: true })
})

async function put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
}

async function opens(name = '', options = {}): Promise<TensorSource> {
  const source = await openCheckpoint(join(root, name), options)
  opened.push(source)
  return source
}

async function refuses(name = ''): Promise<AppError> {
  try {
    await opens(name)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

/** A file whose tensors hold 1, 2, 3 … as bytes. */
const weights = (...names: string[]) =>
  safetensorsBytes(
    names.map((name) => ({ name, dtype: 'U8', shape: [4], bytes: Uint8Array.of(1, 2, 3, 4) })),
  )
const indexOf = (map: Record<string, string>) => JSON.stringify({ metadata: {}, weight_map: map })
const namesOf = (source: TensorSource) => source.checkpoint.tensors.map((tensor) => tensor.name)

describe('a folder', () => {
  test('with one file gives sorted tensors, config, texts, and bytes of a tensor', async () => {
    const model = weights('z', 'a')
    await put({
      'model.safetensors': model,
      'config.json': '{"model_type":"llama","time_step_limit":[0.0,Infinity]}',
      'tokenizer.json': '{}',
      'LICENSE.txt': 'Apache',
      'notes.md': 'not asked for',
    })
    const source = await opens()
    const { checkpoint } = source
    expect(checkpoint.format).toBe('safetensors')
    expect(namesOf(source)).toEqual(['a', 'z'])
    expect(checkpoint.config).toEqual({ model_type: 'llama', time_step_limit: [0, 'Infinity'] })
    expect([...checkpoint.texts.keys()]).toEqual(['LICENSE.txt', 'tokenizer.json'])
    expect(checkpoint.files.map((file) => file.path)).toEqual([
      'LICENSE.txt',
      'config.json',
      'model.safetensors',
      'tokenizer.json',
    ])
    expect(checkpoint.notes).toEqual([])
    const before = source.bytesRead()
    const [first] = checkpoint.tensors
    if (first === undefined) throw new Error('no tensor')
    expect(await source.readBytes(first, 1, 3)).toEqual(Uint8Array.of(2, 3))
    expect(source.bytesRead() - before).toBe(2)
    expect(before).toBeLessThan(model.length + 200)
  })

  test('with an index reads its shards and says which files it left', async () => {
    await put({
      'model.safetensors.index.json': indexOf({ a: 'm-1.safetensors', b: 'm-2.safetensors' }),
      'm-1.safetensors': weights('a'),
      'm-2.safetensors': weights('b'),
      'consolidated.safetensors': weights('c'),
      'pytorch_model.bin': 'x',
      'model.gguf': 'x',
    })
    const source = await opens()
    expect(namesOf(source)).toEqual(['a', 'b'])
    expect(source.checkpoint.notes).toEqual([
      'not opened: pytorch_model.bin (pickle files can run code when opened; dokja never opens them)',
      'not read: model.gguf (other weights in the same folder; name one to read it)',
      'not read: consolidated.safetensors (other weights in the same folder; name one to read it)',
    ])
    const alone = await opens('consolidated.safetensors')
    expect(namesOf(alone)).toEqual(['c'])
  })

  test('with several files and no index reads them together', async () => {
    await put({ 'a.safetensors': weights('a'), 'b.safetensors': weights('b') })
    expect(namesOf(await opens())).toEqual(['a', 'b'])
    await put({ 'c.safetensors': weights('b') })
    const error = await refuses()
    expect(error.code).toBe('CHECKPOINT_INVALID')
    expect(error.message).toMatch(/"b" lies in both b\.safetensors and c\.safetensors/)
  })

  test('whose shards lie in more files than may stay open is read all the same', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`s${i}.safetensors`, weights(`t${i}`)]),
    )
    await put(files)
    const source = await opens('', { maxOpenFiles: 2 })
    const { tensors } = source.checkpoint
    const all = await Promise.all([...tensors, ...tensors].map((t) => source.readBytes(t, 0, 4)))
    expect(all.every((bytes) => bytes[3] === 4)).toBe(true)
  })

  test('that is missing, empty, or holds only other formats is refused with the reason', async () => {
    expect((await refuses('nowhere')).code).toBe('NOT_FOUND')
    expect(await refuses()).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/no weights in this folder/),
    })
    await put({ 'model.h5': 'x' })
    expect((await refuses()).code).toBe('FORMAT_UNSUPPORTED')
    await put({ 'pytorch_model.bin': 'x' })
    const pickle = await refuses()
    expect(pickle.code).toBe('FORMAT_UNSUPPORTED')
    expect(pickle.message).toMatch(/pickle files can run code when opened; dokja never opens them/)
    expect(pickle.hint).toMatch(/safetensors/)
    expect((await refuses('pytorch_model.bin')).message).toMatch(/pickle files can run code/)
    expect((await refuses('model.h5')).code).toBe('FORMAT_UNSUPPORTED')
  })

  test('whose weights lie one level down names the folders that hold them', async () => {
    await put({ 'unet/x.safetensors': weights('a'), 'vae/x.safetensors': weights('b') })
    const error = await refuses()
    expect(error.message).toMatch(/no weights here, only in unet, vae/)
    expect(namesOf(await opens('vae'))).toEqual(['b'])
  })

  test('with both a whole file and shards is ambiguous', async () => {
    await put({
      'model.safetensors': weights('a'),
      'model.safetensors.index.json': indexOf({ b: 's.safetensors' }),
      's.safetensors': weights('b'),
    })
    const error = await refuses()
    expect(error.code).toBe('CHECKPOINT_INVALID')
    expect(error.hint).toMatch(/name the one/)
    expect(namesOf(await opens('model.safetensors.index.json'))).toEqual(['b'])
  })

  test('with missing shards is refused, with and without an index', async () => {
    await put({ 'm-00001-of-00002.safetensors': weights('a') })
    expect((await refuses()).message).toMatch(/1 of the 2 shards of "m-of-00002" are here/)
    const { checkpoint } = await opens('m-00001-of-00002.safetensors')
    expect(checkpoint.notes).toEqual([
      'only m-00001-of-00002.safetensors was read, one of 2 shards of a model',
    ])
    const map = { a: 'm-00001-of-00002.safetensors', b: 'm-00002-of-00002.safetensors' }
    await put({ 'model.safetensors.index.json': indexOf(map) })
    const error = await refuses()
    expect(error.code).toBe('CHECKPOINT_INVALID')
    expect(error.message).toMatch(/m-00002-of-00002\.safetensors: named by .* but it is missing/)
  })

  test('whose index climbs out of it is refused', async () => {
    await put({
      'outside.safetensors': weights('a'),
      'inner/model.safetensors.index.json': indexOf({ a: '../outside.safetensors' }),
    })
    expect((await refuses('inner')).message).toMatch(/"\.\.\/outside\.safetensors", which is not/)
  })

  test('with a config.json that is not strict JSON is refused', async () => {
    await put({ 'model.safetensors': weights('a'), 'config.json': '{"a":1,"a":2}' })
    expect((await refuses()).message).toMatch(/config\.json: duplicate key "a"/)
  })

  test('leaves out texts that are too large or not UTF-8, with a note', async () => {
    await put({
      'model.safetensors': weights('a'),
      'tokenizer.json': 'x'.repeat(101),
      'README.md': Uint8Array.of(0x61, 0xff),
    })
    const { checkpoint } = await opens('', { maxTextBytes: 100 })
    expect(checkpoint.texts.size).toBe(0)
    expect(checkpoint.notes).toEqual([
      'not read: README.md (not UTF-8 at byte 1)',
      'not read: tokenizer.json (101 bytes, the bound is 100)',
    ])
  })
})

describe('links', () => {
  test('into the blobs of the same cached repository are followed', async () => {
    await put({
      'models--o--n/blobs/aa': weights('a'),
      'models--o--n/blobs/bb': 'model card',
      'models--o--n/snapshots/rev/keep': '',
    })
    const snapshot = join(root, 'models--o--n/snapshots/rev')
    await symlink('../../blobs/aa', join(snapshot, 'model.safetensors'))
    await symlink('../../blobs/bb', join(snapshot, 'README.md'))
    const source = await opens('models--o--n/snapshots/rev')
    expect(namesOf(source)).toEqual(['a'])
    expect(source.checkpoint.texts.get('README.md')).toBe('model card')
    expect(namesOf(await opens('models--o--n/snapshots/rev/model.safetensors'))).toEqual(['a'])
  })

  test('of texts to anywhere else are left alone, so that no private file reaches a report', async () => {
    await put({ secret: 'private', 'repo/model.safetensors': weights('a') })
    await symlink(join(root, 'secret'), join(root, 'repo/README.md'))
    const { checkpoint } = await opens('repo')
    expect(checkpoint.texts.size).toBe(0)
    expect(checkpoint.notes).toEqual(['not read: README.md (a link that leads out of the folder)'])
  })

  test('that lead nowhere count as missing files', async () => {
    await symlink(join(root, 'gone'), join(root, 'model.safetensors'))
    expect((await refuses()).message).toMatch(/model\.safetensors: .* a link that leads nowhere/)
  })

  test('to a device are not opened', async () => {
    await symlink('/dev/zero', join(root, 'model.safetensors'))
    expect((await refuses()).message).toMatch(/is not a file/)
  })
})

describe('a file that changes after its header was read', () => {
  test('is unreadable when it is cut', async () => {
    await put({ 'model.safetensors': weights('a') })
    const source = await opens()
    await truncate(join(root, 'model.safetensors'), 20)
    const [tensor] = source.checkpoint.tensors
    if (tensor === undefined) throw new Error('no tensor')
    await expect(source.readBytes(tensor, 0, 4)).rejects.toMatchObject({ code: 'UNREADABLE' })
  })

  test('is unreadable when it grows, also after its handle was closed', async () => {
    await put({ 'a.safetensors': weights('a'), 'b.safetensors': weights('b') })
    const source = await opens('', { maxOpenFiles: 1 })
    await writeFile(join(root, 'a.safetensors'), 'more', { flag: 'a' })
    const [tensor] = source.checkpoint.tensors
    if (tensor === undefined) throw new Error('no tensor')
    await expect(source.readBytes(tensor, 0, 4)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringMatching(/a\.safetensors: changed while it was being read: its size/),
    })
  })

  test('is unreadable when bytes of the same number are written into it', async () => {
    const path = join(root, 'model.safetensors')
    await put({ 'model.safetensors': weights('a') })
    await utimes(path, 1, 1)
    const source = await opens()
    const handle = await open(path, 'r+')
    await handle.write(Uint8Array.of(9), 0, 1, weights('a').length - 1)
    await handle.close()
    const [tensor] = source.checkpoint.tensors
    if (tensor === undefined) throw new Error('no tensor')
    await expect(source.readBytes(tensor, 0, 4)).rejects.toMatchObject({
      message: expect.stringMatching(/it was written to/),
    })
  })
})
