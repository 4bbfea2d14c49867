import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCommitments } from '../../src/audit/technical/training/check-commitments.ts'
import { commitmentOf } from '../../src/audit/technical/training/commitment.ts'
import { trainingRecordJsonSchema } from '../../src/audit/technical/training/json-schema.ts'
import type { TrainingRecord } from '../../src/audit/technical/training/record.ts'
import { torchBytes } from '../../src/model/torch/testing/torch-bytes.ts'
import { commitCheckpoint, verifyCommitments } from './commit.ts'
import { openTrainingRecord, parseTrainingRecord } from './read-record.ts'
import { readText } from './read-text.ts'

const RUN = join(import.meta.dirname, '../../../../testdata/models/training/run-b')
let folder: string
let record: TrainingRecord

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokja-commit-'))
  await cp(RUN, join(folder, 'run'), { recursive: true })
  record = parseTrainingRecord(await readFile(join(RUN, 'training-record.yaml'), 'utf8'), 'r.yaml')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const minutesAfter = (time: string, minutes: number): string =>
  `${new Date(Date.parse(time) + minutes * 60_000).toISOString().slice(0, 19)}Z`

/** Commits to every checkpoint some minutes after it was saved. */
async function commitAll(name: string, delayMinutes: number) {
  const commitments = join(folder, 'run', `${name}.jsonl`)
  const openings = join(folder, 'run', `${name}-openings.jsonl`)
  for (const point of record.checkpoints) {
    await commitCheckpoint({
      checkpoint: join(folder, 'run', point.folder),
      others: [join(folder, 'run', 'log.csv'), join(folder, 'run', 'data-order.json')],
      commitments,
      openings,
      time: minutesAfter(point.savedAt, delayMinutes),
      author: 'test',
    })
  }
  const text = (await readFile(join(RUN, 'training-record.yaml'), 'utf8')).replace(
    'checkpoints:\n',
    `commitments:\n  path: ${name}.jsonl\n  openings: ${name}-openings.jsonl\ncheckpoints:\n`,
  )
  const path = join(folder, 'run', `${name}.yaml`)
  await writeFile(path, text)
  return { commitments, openings, path }
}

async function codesOf(path: string): Promise<string[]> {
  const { input, close } = await openTrainingRecord(path)
  await close()
  return checkCommitments(input.record, input.commitments).map((entry) => entry.code)
}

describe('commitments during a run', () => {
  it('count when each was made before the next checkpoint existed', async () => {
    const { commitments, openings, path } = await commitAll('in-time', 5)
    expect(await codesOf(path)).toEqual([
      'commitments_in_time',
      'order_committed',
      'log_committed',
      'no_outside_witness',
    ])
    expect(await verifyCommitments(commitments, openings)).toEqual({
      entries: 5,
      opened: 5,
      unopened: 0,
      faults: [],
    })
    expect((await stat(openings)).mode & 0o077).toBe(0)
  })

  it('disclose nothing of the run: no step, path, size or digest of a file', async () => {
    const { commitments } = await commitAll('silent', 5)
    const text = await readFile(commitments, 'utf8')
    const digests = record.checkpoints.flatMap((point) => Object.values(point.files))
    for (const word of [...digests, 'step-', 'safetensors', 'log.csv']) {
      expect(text).not.toContain(word.replace('sha256:', ''))
    }
    const again = await commitAll('again', 5)
    const commitmentsOf = (lines: string) =>
      [...lines.matchAll(/"commitment":"([^"]+)"/g)].map((m) => m[1])
    const first = commitmentsOf(text)
    expect(first).toHaveLength(5)
    expect(commitmentsOf(await readFile(again.commitments, 'utf8'))).not.toContain(first[0])
  })

  it('do not count when they are dated after the next checkpoint, or belong to other files', async () => {
    const late = await commitAll('late', 100)
    expect((await codesOf(late.path)).filter((code) => code === 'commitment_late')).toHaveLength(4)
    const changed = await commitAll('changed', 5)
    const text = await readFile(changed.path, 'utf8')
    const digest = record.checkpoints[1]!.files['model.safetensors']!
    await writeFile(changed.path, text.replace(digest, `sha256:${'0'.repeat(64)}`))
    expect(await codesOf(changed.path)).toContain('commitment_absent')
  })

  it('do not count when the last is dated after the record, or when dates go back', async () => {
    const { path } = await commitAll('after', 5)
    const text = await readFile(path, 'utf8')
    const last = record.checkpoints.at(-1)!
    const declared = text.replace(/date: \S+/, `date: ${last.savedAt}`)
    await writeFile(path, declared)
    expect((await codesOf(path)).filter((code) => code === 'commitment_late')).toHaveLength(1)
    const { input, close } = await openTrainingRecord(path)
    await close()
    const { entries } = input.commitments!
    const back = entries.map((entry, i) =>
      i === 2 ? { ...entry, time: '2020-01-01T00:00:00Z' } : entry,
    )
    const found = checkCommitments(record, { ...input.commitments!, entries: back })
    expect(found.map((entry) => entry.code)).toContain('commitments_unordered')
    expect(found.map((entry) => entry.code)).not.toContain('commitments_in_time')
  })

  it('count what they fix and the record does not show, and a log or an order that is another now', async () => {
    const { path, commitments, openings } = await commitAll('more', 5)
    const elsewhere = join(folder, 'run', 'elsewhere')
    await cp(join(RUN, record.checkpoints[1]!.folder), elsewhere, { recursive: true })
    await writeFile(join(elsewhere, 'model.safetensors'), 'of another run')
    await commitCheckpoint({
      checkpoint: elsewhere,
      others: [],
      commitments,
      openings,
      time: minutesAfter(record.checkpoints.at(-1)!.savedAt, 6),
      author: 'test',
    })
    expect(await codesOf(path)).toContain('commitments_unshown')
    const log = join(folder, 'run', 'log.csv')
    const kept = await readFile(log, 'utf8')
    await writeFile(log, kept.replace(/\n0,[^,]+/, '\n0,9.99'))
    expect(await codesOf(path)).toContain('log_not_as_committed')
    await writeFile(log, `${kept}300,1.2,0,76900\n`)
    expect(await codesOf(path)).toContain('log_committed')
    await writeFile(log, kept)
    const order = record.data.order!.digest
    await writeFile(path, (await readFile(path, 'utf8')).replace(order, `sha256:${'1'.repeat(64)}`))
    expect(await codesOf(path)).toContain('order_uncommitted')
  })

  it('count where a command was broken off before its commitment and given again', async () => {
    const { path, openings } = await commitAll('again-2', 5)
    const [first = ''] = (await readFile(openings, 'utf8')).split('\n')
    const { manifest } = JSON.parse(first)
    const salt = 'a'.repeat(64)
    const commitment = commitmentOf(salt, manifest)
    const orphan = JSON.stringify({ salt, commitment, manifest })
    await writeFile(openings, `${orphan}\n${await readFile(openings, 'utf8')}`)
    expect(await codesOf(path)).toContain('commitments_in_time')
  })

  it('tell nothing of where files lay', async () => {
    const { openings } = await commitAll('places', 5)
    expect(await readFile(openings, 'utf8')).not.toContain(folder)
  })

  it('show an altered line, an altered opening, and an opening without a commitment', async () => {
    const { commitments, openings, path } = await commitAll('altered', 5)
    const lines = await readFile(openings, 'utf8')
    const forged = lines.replace(/"sizeBytes":\d+/, '"sizeBytes":1')
    await writeFile(openings, forged)
    expect((await verifyCommitments(commitments, openings)).faults).toEqual([
      'line 1: does not open',
    ])
    expect(await codesOf(path)).toContain('commitment_unopened')
    await writeFile(openings, lines)
    const chain = await readFile(commitments, 'utf8')
    await writeFile(commitments, `${chain.split('\n').slice(0, 3).join('\n')}\n`)
    expect((await verifyCommitments(commitments, openings)).faults).toHaveLength(2)
    await writeFile(commitments, chain.replace('"time":"2026-04-01', '"time":"2026-03-01'))
    await expect(verifyCommitments(commitments, openings)).rejects.toThrow(/altered|follow/)
  })

  it('are not made of a folder that is not there, and leave nothing half-written', async () => {
    const commitments = join(folder, 'none.jsonl')
    const request = {
      checkpoint: join(folder, 'absent'),
      others: [],
      commitments,
      openings: join(folder, 'none-o.jsonl'),
      time: '2026-01-01T00:00:00Z',
      author: 'x',
    }
    await expect(commitCheckpoint(request)).rejects.toThrow(/no folder/)
    await expect(stat(commitments)).rejects.toThrow()
  })
})

describe('reading a record', () => {
  it('names every fault with its line', () => {
    const parse = () =>
      parseTrainingRecord('schemaVersion: dokja.training-record/1\nmodle: x\n', 'r.yaml')
    expect(parse).toThrow(/r\.yaml:2:1 modle: unknown key "modle"/)
    expect(parse).toThrow(/checkpoints: is missing/)
  })

  it('refuses paths that lead out of its folder', async () => {
    const text = await readFile(join(RUN, 'training-record.yaml'), 'utf8')
    for (const path of ['../log.csv', '/etc/passwd', 'a/../../b']) {
      expect(() =>
        parseTrainingRecord(text.replace('path: log.csv', `path: ${path}`), 'r'),
      ).toThrow(/inside the folder/)
    }
  })

  it('takes times of any zone, and says which checkpoint a damaged file belongs to', async () => {
    const copy = join(folder, 'zone')
    await cp(RUN, copy, { recursive: true })
    const path = join(copy, 'training-record.yaml')
    const text = await readFile(path, 'utf8')
    const seoul = text.replace(/savedAt: (\S+)T(\d\d):/, (_, day, hour) => {
      return `savedAt: ${day}T${String(Number(hour) + 9).padStart(2, '0')}:`
    })
    await writeFile(path, seoul.replace(/(savedAt: \S+)Z/, '$1+09:00'))
    const { input, close } = await openTrainingRecord(path)
    await close()
    expect(Date.parse(input.record.checkpoints[0]!.savedAt)).toBe(
      Date.parse(record.checkpoints[0]!.savedAt),
    )
    await writeFile(join(copy, 'step-0140', 'model.safetensors'), 'damaged')
    await expect(openTrainingRecord(path)).rejects.toThrow(/^step-0140: model\.safetensors/)
  })

  it('refuses numbers that would hang or exhaust the reader', async () => {
    const text = await readFile(join(RUN, 'training-record.yaml'), 'utf8')
    const parse = (from: string | RegExp, to: string) => () =>
      parseTrainingRecord(text.replace(from, to), 'r.yaml')
    expect(parse('steps: 300', 'steps: 900000000')).toThrow(/too large/)
    const uniform = 'law: uniform, low: 1, high: 1}'
    expect(parse(/law: normal, mean: 0, std: 0.03\}/, uniform)).toThrow(/low is not below high/)
    expect(parse('std: 0.03', 'std: 0')).toThrow(/too small/)
  })

  it('refuses links that lead out of its folder, and what is no plain file', async () => {
    const copy = join(folder, 'linked')
    await cp(RUN, copy, { recursive: true })
    const path = join(copy, 'training-record.yaml')
    const weights = join(copy, 'step-0140', 'model.safetensors')
    await rm(weights)
    await symlink(join(RUN, 'step-0140', 'model.safetensors'), weights)
    await expect(openTrainingRecord(path)).rejects.toThrow(/step-0140.*leads out of the folder/)
    await rm(weights)
    await symlink('../step-0060/model.safetensors', weights)
    const { input, close } = await openTrainingRecord(path)
    await close()
    expect(input.checkpoints[2]!.files.map((file) => file.state)).toEqual(['matches', 'differs'])
    await rm(join(copy, 'log.csv'))
    await mkdir(join(copy, 'log.csv'))
    const absent = await openTrainingRecord(path)
    await absent.close()
    expect(absent.input.files[0]!.state).toBe('absent')
    await expect(openTrainingRecord(copy)).rejects.toThrow(/not a plain file/)
    await expect(readText(weights, 10)).rejects.toThrow(/over 10/)
  })

  it('names weights of PyTorch that the record does not list', async () => {
    const copy = join(folder, 'pickled')
    await cp(RUN, copy, { recursive: true })
    const place = join(copy, 'step-0140')
    await rm(join(place, 'model.safetensors'))
    const bytes = new Uint8Array(Float32Array.of(1, 2).buffer)
    const tensor = { name: 'w', storageType: 'FloatStorage', sizeBytes: 4, shape: [2], bytes }
    await writeFile(join(place, 'pytorch_model.bin'), torchBytes([tensor]))
    const { input, close } = await openTrainingRecord(join(copy, 'training-record.yaml'))
    await close()
    expect(input.checkpoints[2]!.files).toContainEqual({
      path: 'pytorch_model.bin',
      state: 'unlisted',
    })
  })

  it('reports files that differ or are absent, and goes on', async () => {
    const copy = join(folder, 'broken')
    await cp(RUN, copy, { recursive: true })
    await rm(join(copy, 'step-0140'), { recursive: true })
    await writeFile(
      join(copy, 'log.csv'),
      `${await readFile(join(RUN, 'log.csv'), 'utf8')}300,1.2,0,76900\n`,
    )
    const { input, close } = await openTrainingRecord(join(copy, 'training-record.yaml'))
    await close()
    expect(input.checkpoints[2]!.source).toBeNull()
    expect(input.checkpoints[2]!.files.map((file) => file.state)).toEqual(['absent', 'absent'])
    expect(input.files.map((file) => file.state)).toEqual(['differs', 'matches'])
  })
})

describe('the published schema', () => {
  it('is that of the code', async () => {
    const path = join(import.meta.dirname, '../../../../docs/formats/training-record.schema.json')
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(trainingRecordJsonSchema())
  })
})
