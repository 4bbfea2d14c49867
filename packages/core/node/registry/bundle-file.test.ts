import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fingerprint } from '../../src/audit/registry/fingerprint.ts'
import { keyFromSeed } from '../../src/round/seal/envelope.ts'
import { type BundleSource, openBundle, writeBundle } from './bundle-file.ts'
import { fingerprintPlace } from './fingerprint-place.ts'

const MODELS = join(import.meta.dirname, '../../../../testdata/models')
const fingerprintOf = async (name: string) =>
  (await fingerprintPlace(join(MODELS, name), { date: '2026-01-15' })).fingerprint

const sourceOf = (...models: readonly Fingerprint[]): BundleSource => ({
  entries: models.map((_, at) => String(at)),
  load: async (entry) => models[Number(entry)]!,
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokja-registry-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('a bundle', () => {
  const key = keyFromSeed(new Uint8Array(32).fill(7))

  it('carries fingerprints and a signature that covers all of them', async () => {
    const path = join(folder, 'registry.dokjareg')
    const models = [await fingerprintOf('s2'), await fingerprintOf('s1')]
    const written = await writeBundle(path, sourceOf(...models), key)
    expect(written).toMatchObject({ models: 2, sizeBytes: statSync(path).size })
    const opened = await openBundle(path)
    expect(opened.signedBy).toBe(written.keyId)
    const held: Fingerprint[] = []
    for await (const fingerprint of opened.fingerprints()) held.push(fingerprint)
    expect(held).toEqual([...models].reverse())
    await opened.close()
    await writeBundle(path, sourceOf(...models), null)
    const unsigned = await openBundle(path)
    expect(unsigned.signedBy).toBeNull()
    await unsigned.close()
  })

  it('is not written where a model changed meanwhile', async () => {
    const path = join(folder, 'registry.dokjareg')
    const models = [await fingerprintOf('s2'), await fingerprintOf('s1')]
    const changing = { entries: ['one'], load: async () => models.pop()! }
    await expect(writeBundle(path, changing, key)).rejects.toThrow('s1 was changed while')
    expect(existsSync(path)).toBe(false)
  })

  it('is refused when a fingerprint or the list was exchanged', async () => {
    const path = join(folder, 'registry.dokjareg')
    await writeBundle(path, sourceOf(await fingerprintOf('s1')), key)
    const bytes = readFileSync(path)
    const altered = Buffer.from(bytes)
    altered[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1
    writeFileSync(path, altered)
    await expect(openBundle(path)).rejects.toThrow('the fingerprint of s1 was altered')
    writeFileSync(path, bytes.subarray(0, -1))
    await expect(openBundle(path)).rejects.toThrow('its fingerprints are cut off')
    writeFileSync(path, bytes.subarray(0, 10))
    await expect(openBundle(path)).rejects.toThrow('not a registry bundle')
    // The list of one bundle under the signature of another.
    const other = join(folder, 'other.dokjareg')
    await writeBundle(other, sourceOf(await fingerprintOf('s2')), key)
    const read = (file: Buffer) => {
      const length = file.readUInt32LE(8)
      return JSON.parse(file.subarray(12, 12 + length).toString())
    }
    const header = Buffer.from(
      JSON.stringify({
        manifest: read(bytes).manifest,
        signature: read(readFileSync(other)).signature,
      }),
    )
    const size = Buffer.alloc(4)
    size.writeUInt32LE(header.length)
    const rest = bytes.subarray(12 + bytes.readUInt32LE(8))
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), size, header, rest]))
    await expect(openBundle(path)).rejects.toThrow('it covers another list')
  })
})
