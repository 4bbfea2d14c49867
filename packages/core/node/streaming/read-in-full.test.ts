import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../src/audit/compare-models.ts'
import { describeFullRead, type FullRead } from '../../src/audit/full-read/full-read.ts'
import { type FullReadPlan, planFullRead } from '../../src/audit/full-read/plan-full-read.ts'
import { pairRoles } from '../../src/audit/technical/pairing.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { mapRoles } from '../../src/model/roles/map-roles.ts'
import { decodeInto } from '../../src/numeric/decode.ts'
import { cosineOfSums, pairSums } from '../../src/numeric/pair-sums.ts'
import { openModel } from '../open-model.ts'
import { servedBytes, startTestHub } from '../remote/testing/hub-server.ts'
import { type FullReadOptions, fullReader } from './read-in-full.ts'

const MODELS = join(import.meta.dirname, '..', '..', '..', '..', 'testdata', 'models')
const scratch = mkdtempSync(join(tmpdir(), 'dokja-full-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function readInFull(
  candidate: string,
  reference: string,
  options: FullReadOptions & { readonly open?: object } = {},
): Promise<FullRead> {
  const { open = {}, ...rest } = options
  const sources = [await openModel(candidate, open), await openModel(reference, open)] as const
  try {
    const plan = planOf(...sources)
    const models = { candidate: sources[0], reference: sources[1] }
    return describeFullRead(plan, await fullReader({ cacheFolder: null, ...rest })(plan, models))
  } finally {
    for (const source of sources) await source.close()
  }
}

function planOf(candidate: TensorSource, reference: TensorSource): FullReadPlan {
  const roles = {
    candidate: mapRoles(candidate.checkpoint),
    reference: mapRoles(reference.checkpoint),
  }
  return planFullRead(
    { candidate: candidate.checkpoint, reference: reference.checkpoint },
    roles,
    pairRoles(roles.candidate, roles.reference),
  )
}

const model = (name: string) => join(MODELS, name)
const sha256 = (path: string) =>
  `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`

/** Same order; shards against one file; other formats; quantised codes; encoders. */
const PAIRS = [
  ['sft1', 's1'],
  ['stranger-tuned', 'stranger'],
  ['s1-f32', 's1'],
  ['s1-f16', 's1-f16'],
  ['s1-int8', 's1-int4'],
  ['vlm-borrowed-frozen', 'vlm-donor'],
] as const

describe('a full read', () => {
  it.each(PAIRS)('%s against %s: any number of threads, the same bits', async (a, b) => {
    const [one, two, four] = [
      await readInFull(model(a), model(b), { workers: 1 }),
      await readInFull(model(a), model(b), { workers: 2 }),
      await readInFull(model(a), model(b), { workers: 4 }),
    ]
    expect(two).toEqual(one)
    expect(four).toEqual(one)
    for (const [side, name] of [
      ['candidate', a],
      ['reference', b],
    ] as const) {
      expect(one.files[side].length).toBeGreaterThan(0)
      for (const { path, digest, sizeBytes } of one.files[side]) {
        expect(digest).toBe(sha256(join(model(name), path)))
        expect(sizeBytes).toBe(statSync(join(model(name), path)).size)
      }
    }
  })

  it('gives the cosine of every tensor', async () => {
    const read = await readInFull(model('stranger-tuned'), model('stranger'))
    const [a, b] = [await openModel(model('stranger-tuned')), await openModel(model('stranger'))]
    const values = async (source: typeof a, name: string) => {
      const tensor = source.checkpoint.tensors.find((entry) => entry.name === name)!
      const { storage } = tensor
      const size = storage.kind === 'file' ? storage.endByte - storage.beginByte : 0
      const out = new Float32Array(tensor.shape.reduce((n, k) => n * k, 1))
      decodeInto(await source.readBytes(tensor, 0, size), tensor.dtype, out)
      return out
    }
    const compared = read.tensors.filter((entry) => entry.counterpart !== null)
    expect(compared.length).toBe(a.checkpoint.tensors.length)
    for (const entry of compared) {
      const sums = pairSums(await values(a, entry.tensor), await values(b, entry.counterpart!))
      const cosine = cosineOfSums(sums)
      if (cosine === undefined) expect(entry.cosine).toBeNull()
      else expect(Math.abs(entry.cosine! - cosine), entry.tensor).toBeLessThan(1e-6)
    }
    await Promise.all([a.close(), b.close()])
  })

  it('tells identical tensors, and keeps vectors out of the cosine of a component', async () => {
    const read = await readInFull(model('vlm-borrowed-frozen'), model('vlm-donor'))
    const of = (name: string) => read.components.find(({ component }) => component === name)!
    const encoder = of('vision_encoder')
    expect(encoder.identical).toBe(encoder.compared)
    expect(encoder.cosine).toBe(1)
    const body = of('language_model')
    expect(body.identical).toBe(0)
    expect(Math.abs(body.cosine!)).toBeLessThan(0.1)
  })

  it('is the same from a server as from a disk', async () => {
    const files = new Map(
      readdirSync(model('sft1')).map((file) => [
        file,
        servedBytes(readFileSync(join(model('sft1'), file))),
      ]),
    )
    const hub = await startTestHub(files)
    try {
      const open = {
        endpoint: hub.endpoint,
        isPrivateAllowed: true,
        cacheFolder: join(scratch, 'ranges'),
      }
      const remote = await readInFull('org/model', model('s1'), { open })
      expect(remote).toEqual(await readInFull(model('sft1'), model('s1')))
    } finally {
      await hub.close()
    }
  })

  it('goes on after an interruption with the files that are left', async () => {
    const cacheFolder = join(scratch, 'resume')
    const files = { candidate: model('stranger'), reference: model('stranger') }
    const first = await readInFull(files.candidate, files.reference, { cacheFolder, workers: 1 })
    const kept = readdirSync(join(cacheFolder, 'full-read'))
    const total = first.bytesRead.candidate + first.bytesRead.reference
    const skipped: number[] = []
    const again = async () => {
      skipped.length = 0
      const onProgress = (done: number) => skipped.push(done)
      return readInFull(files.candidate, files.reference, { cacheFolder, workers: 1, onProgress })
    }
    expect(await again()).toEqual(first)
    expect(skipped.at(-1)).toBe(total)
    expect(skipped.length).toBe(kept.length)
    // As a killed run leaves it: some units are not there, one was cut while it was written.
    rmSync(join(cacheFolder, 'full-read', kept[0]!))
    cpSync(
      join(cacheFolder, 'full-read', kept[1]!),
      join(cacheFolder, 'full-read', `${kept[1]!}.1.partial`),
    )
    rmSync(join(cacheFolder, 'full-read', kept[1]!))
    expect(await again()).toEqual(first)
    expect(readdirSync(join(cacheFolder, 'full-read'))).toEqual(expect.arrayContaining(kept))
  })

  it('reads again what has changed since, and refuses what changes meanwhile', async () => {
    const copy = join(scratch, 'copy')
    cpSync(model('s1'), copy, { recursive: true })
    const cacheFolder = join(scratch, 'changed')
    const before = await readInFull(copy, model('s2'), { cacheFolder })
    appendFileSync(join(copy, 'config.json'), ' ')
    const after = await readInFull(copy, model('s2'), { cacheFolder })
    const digestIn = (read: FullRead) =>
      read.files.candidate.find(({ path }) => path === 'config.json')!.digest
    expect(digestIn(after)).not.toBe(digestIn(before))
    expect(digestIn(after)).toBe(sha256(join(copy, 'config.json')))

    const opened = [await openModel(copy), await openModel(model('s2'))] as const
    const reader = fullReader({ cacheFolder: null, workers: 2 })
    const changing = compareModels(...opened, {
      fullReader: (plan, models) => {
        appendFileSync(join(copy, 'README.md'), 'more')
        return reader(plan, models)
      },
    })
    await expect(changing).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringContaining('README.md: changed while it was being read'),
    })
    for (const source of opened) await source.close()
  })
})
