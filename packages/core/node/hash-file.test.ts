import { createHash } from 'node:crypto'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { hashBeginnings, hashFile } from './hash-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'dokja-hash-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const content = Buffer.alloc(3 * 2 ** 20 + 5, 'weights')

it('is the SHA-256 of all of a file, null where there is none', async () => {
  const path = join(folder, 'whole.bin')
  writeFileSync(path, content)
  expect(await hashFile(path)).toEqual({ digest: sha256(content), sizeBytes: content.length })
  expect(await hashFile(join(folder, 'absent.bin'))).toBeNull()
  expect(await hashFile(folder)).toBeNull()
  await expect(hashFile(`${path}\0`)).rejects.toThrow('cannot read')
})

it('is taken from a note while the file stays as it was, and again when anything of it changed', async () => {
  const path = join(folder, 'noted.bin')
  const cacheFolder = join(folder, 'cache')
  writeFileSync(path, content)
  const hash = () => hashFile(path, { cacheFolder, notedBytes: content.length })
  expect((await hash())?.digest).toBe(sha256(content))
  const [note, ...others] = readdirSync(join(cacheFolder, 'digests'))
  expect(others).toEqual([])

  // What a note says is what is given back, so that a file is known not to have been read.
  const place = join(cacheFolder, 'digests', note!)
  const other = sha256(Buffer.from('other'))
  writeFileSync(place, readFileSync(place, 'utf8').replace(sha256(content), other))
  expect((await hash())?.digest).toBe(other)
  writeFileSync(place, '{"digest":"sha256:12"}')
  expect((await hash())?.digest).toBe(sha256(content))

  // Another file in its place, as long and as old.
  const changed = Buffer.from(content)
  changed[17]! ^= 1
  const { atime, mtime } = statSync(path)
  writeFileSync(`${path}.new`, changed)
  renameSync(`${path}.new`, path)
  utimesSync(path, atime, mtime)
  expect((await hash())?.digest).toBe(sha256(changed))
})

it('notes nothing of a small file, nor where no folder is given, nor into a folder that refuses', async () => {
  const path = join(folder, 'small.bin')
  writeFileSync(path, 'small')
  const cacheFolder = join(folder, 'unused')
  await hashFile(path, { cacheFolder })
  await hashFile(path, { cacheFolder: null, notedBytes: 0 })
  expect(readdirSync(folder)).not.toContain('unused')
  const refused = await hashFile(path, { cacheFolder: path, notedBytes: 0 })
  expect(refused?.digest).toBe(sha256(Buffer.from('small')))
})

it('is that of every beginning asked for', async () => {
  const path = join(folder, 'log.txt')
  writeFileSync(path, 'one\ntwo\nthree\n')
  const found = await hashBeginnings(path, [8, 4, 99, 4])
  expect([...found]).toEqual([
    [4, sha256(Buffer.from('one\n'))],
    [8, sha256(Buffer.from('one\ntwo\n'))],
  ])
})
