import { dirname, join } from 'node:path'
import { baseName } from '../../src/audit/technical/training/check-commitments.ts'
import {
  COMMITTED,
  commitmentBodySchema,
  type DatedCommitment,
  type Opening,
  openingSchema,
} from '../../src/audit/technical/training/commitment.ts'
import type {
  FileState,
  FoundCheckpoint,
  TrainingInput,
} from '../../src/audit/technical/training/judge-training.ts'
import {
  type RecordedCheckpoint,
  type TrainingRecord,
  trainingRecordSchema,
} from '../../src/audit/technical/training/record.ts'
import { parseTrainingLog } from '../../src/audit/technical/training/training-log.ts'
import type { Digest } from '../../src/base/digest.ts'
import { AppError } from '../../src/base/errors.ts'
import { FaultsError } from '../../src/base/faults.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { schemaFaults } from '../../src/round/plan/schema-faults.ts'
import { readYaml } from '../../src/round/plan/yaml-source.ts'
import { parseRecord } from '../../src/round/seal/record.ts'
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts'
import { type HashOptions, hashBeginnings, hashFile } from '../hash-file.ts'
import { openModel } from '../open-model.ts'
import type { RemoteOptions } from '../remote/open-remote.ts'
import { defaultCacheFolder } from '../remote/range-cache.ts'
import { insideFolder } from './inside-folder.ts'
import { readText } from './read-text.ts'

const HINT = 'docs/formats/training-record.md explains every key'

/** Bounds of what is read whole: a record, and files of one line an entry. */
const RECORD_BYTES = 4 * 2 ** 20
const LINES_BYTES = 256 * 2 ** 20

/** Reads a record (YAML or JSON). Throws FaultsError SCHEMA_INVALID with every fault at its place. */
export function parseTrainingRecord(text: string, file: string): TrainingRecord {
  const source = readYaml(text, file)
  const refuse = (faults: typeof source.faults) =>
    new FaultsError('SCHEMA_INVALID', faults, {
      what: `${file} is not a valid training record`,
      hint: HINT,
    })
  if (source.faults.length > 0) throw refuse(source.faults)
  const parsed = trainingRecordSchema.safeParse(source.value)
  if (parsed.success) return parsed.data
  const faults = schemaFaults(parsed.error, source.value)
  throw refuse(faults.map((fault) => source.fault(fault.path, fault.message, fault.at)))
}

export type OpenedTraining = {
  readonly input: Omit<TrainingInput, 'references' | 'registry'>
  readonly close: () => Promise<void>
}

/**
 * Opens everything that a record names, relative to its own folder: checkpoints, log, data order,
 * commitments. What is absent is reported in the input, not thrown; a damaged file is thrown. Digests of large files
 * are noted in the cache folder, so that a run that was killed goes on with the files that are left.
 */
export async function openTrainingRecord(
  path: string,
  options: RemoteOptions & {
    /** How files are hashed; their digests are noted in Dokja's cache folder by default. */
    readonly hashing?: HashOptions
    /** A path, a hub id or an address; what the record itself names is never fetched. */
    readonly submitted?: string
    readonly onFile?: (file: string) => void
  } = {},
): Promise<OpenedTraining> {
  const { hashing = { cacheFolder: defaultCacheFolder() } } = options
  const record = parseTrainingRecord(await readText(path, RECORD_BYTES), path)
  const folder = dirname(path)
  await insideFolder(folder, namedPaths(record))
  const opened: TensorSource[] = []
  const keep = <T extends TensorSource | null>(source: T): T => {
    if (source) opened.push(source)
    return source
  }
  const close = async (): Promise<void> => {
    for (const source of opened) await source.close()
  }
  try {
    const checkpoints: FoundCheckpoint[] = []
    for (const recorded of record.checkpoints) {
      options.onFile?.(recorded.folder)
      checkpoints.push(await findCheckpoint(folder, recorded, { keep, hashing }))
    }
    const submitted = await openSubmitted(folder, record, options)
    const input = {
      record,
      checkpoints,
      files: await namedFiles(folder, record),
      log: await readLog(folder, record),
      commitments: await readCommitments(folder, record),
      submitted: keep(submitted),
    }
    return { input, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openSubmitted(
  folder: string,
  record: TrainingRecord,
  options: RemoteOptions & { readonly submitted?: string },
): Promise<TensorSource | null> {
  if (options.submitted !== undefined) return openModel(options.submitted, options)
  return record.submitted
    ? openCheckpoint(join(folder, record.submitted), { name: record.submitted })
    : null
}

/** Everything that a record names, as paths relative to it. */
const namedPaths = (record: TrainingRecord): string[] => [
  ...record.checkpoints.flatMap(({ folder, files, optimiserState }) => [
    folder,
    ...[...Object.keys(files), ...(optimiserState ? [optimiserState] : [])].map((file) =>
      join(folder, file),
    ),
  ]),
  ...[record.log?.path, record.data.order?.path, record.submitted].filter(
    (one) => one !== undefined,
  ),
  ...(record.commitments ? [record.commitments.path, record.commitments.openings] : []),
]

type Keep = <T extends TensorSource | null>(source: T) => T

async function findCheckpoint(
  folder: string,
  recorded: RecordedCheckpoint,
  { keep, hashing }: { readonly keep: Keep; readonly hashing: HashOptions },
): Promise<FoundCheckpoint> {
  const place = join(folder, recorded.folder)
  const files: FileState[] = []
  for (const [path, digest] of Object.entries(recorded.files)) {
    files.push({ path, state: await stateOf(join(place, path), digest, hashing) })
  }
  const source = keep(await openIfThere(place, recorded.folder))
  const moments = recorded.optimiserState
    ? keep(
        await openIfThere(
          join(place, recorded.optimiserState),
          `${recorded.folder}/${recorded.optimiserState}`,
        ),
      )
    : null
  const read = source?.checkpoint.files.map(({ path }) => join(recorded.folder, path)) ?? []
  await insideFolder(folder, read)
  const used = [
    ...(source?.checkpoint.files ?? []).map((file) => file.path).filter(isWeights),
    ...(recorded.optimiserState ? [recorded.optimiserState] : []),
  ]
  const unlisted = used.filter((path) => !Object.hasOwn(recorded.files, path))
  const isAbsent = (path: string): boolean => path === recorded.optimiserState && moments === null
  files.push(
    ...unlisted.map((path) => ({
      path,
      state: isAbsent(path) ? ('absent' as const) : ('unlisted' as const),
    })),
  )
  if (!source && files.every((file) => file.state !== 'absent')) {
    files.push({ path: '.', state: 'absent' })
  }
  return { recorded, source, moments, files }
}

const isWeights = (path: string): boolean =>
  /\.(safetensors|onnx|gguf|data|bin|pt|pth|ckpt)$/.test(path)

async function openIfThere(path: string, name: string): Promise<TensorSource | null> {
  try {
    return await openCheckpoint(path, { name })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'NOT_FOUND') return null
    // Checkpoints of one run have files of the same names: say whose it is.
    const { hint } = error
    const message = `${name}: ${error.message}`
    throw new AppError(error.code, message, { cause: error, ...(hint ? { hint } : {}) })
  }
}

async function stateOf(
  path: string,
  digest: string,
  hashing: HashOptions = {},
): Promise<FileState['state']> {
  const found = await hashFile(path, hashing)
  if (!found) return 'absent'
  return found.digest === digest ? 'matches' : 'differs'
}

async function namedFiles(folder: string, record: TrainingRecord): Promise<FileState[]> {
  const named = [record.log, record.data.order].filter((file) => file !== undefined)
  const states: FileState[] = []
  for (const { path, digest } of named) {
    states.push({ path, state: await stateOf(join(folder, path), digest) })
  }
  return states
}

async function readLog(folder: string, record: TrainingRecord): Promise<TrainingInput['log']> {
  if (!record.log) return null
  const path = join(folder, record.log.path)
  const found = await hashFile(path)
  return found ? parseTrainingLog(await readText(path, LINES_BYTES), record.log.path) : null
}

async function readCommitments(
  folder: string,
  record: TrainingRecord,
): Promise<TrainingInput['commitments']> {
  if (!record.commitments) return null
  const { path, openings: openingsPath } = record.commitments
  const text = await readText(join(folder, path), LINES_BYTES)
  const openings = parseOpenings(
    await readText(join(folder, openingsPath), LINES_BYTES),
    openingsPath,
  )
  return {
    entries: datedCommitments(text, path),
    openings,
    logBeginnings: await beginningsOfLog(folder, record, openings),
  }
}

/** The log as long as it was at each commitment, hashed again in one reading. */
async function beginningsOfLog(
  folder: string,
  { log }: TrainingRecord,
  openings: readonly Opening[],
): Promise<ReadonlyMap<number, Digest>> {
  if (!log) return new Map()
  const name = baseName(log.path)
  const lengths = openings.flatMap(({ manifest }) =>
    manifest.others.filter((file) => baseName(file.path) === name).map((file) => file.sizeBytes),
  )
  return hashBeginnings(join(folder, log.path), lengths)
}

/** The commitments of an append-only file. Throws AppError LOG_INVALID where its chain is broken. */
export function datedCommitments(text: string, file: string): DatedCommitment[] {
  return parseRecord(text, file)
    .filter((entry) => entry.kind === COMMITTED)
    .map((entry) => {
      const body = commitmentBodySchema.safeParse(entry.body)
      if (!body.success) {
        throw new AppError('LOG_INVALID', `${file}: entry ${entry.sequence} is no commitment`)
      }
      const { time, sequence } = entry
      return { time, sequence, commitment: body.data.commitment }
    })
}

/** One opening a line. Throws AppError SCHEMA_INVALID naming the line. */
export function parseOpenings(text: string, file: string): Opening[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line, i) => {
    const parsed = openingSchema.safeParse(jsonOf(line))
    if (parsed.success) return parsed.data
    throw new AppError('SCHEMA_INVALID', `${file}:${i + 1}: not an opening`, { hint: HINT })
  })
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
