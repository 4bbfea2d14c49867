import { dirname, join } from 'node:path'
import { AppError, type TrainingInput } from '@dokja/core'
import { kernelScanner, readFilledRegistry } from '@dokja/core/node'
import { otherThan } from './search-for-audit.ts'

/**
 * The fingerprints that a training record is searched in, without those made from its own folders and
 * those that are declared to be the model itself; the latter are named in the report.
 */
export async function registryForTraining(
  path: string,
  input: Pick<TrainingInput, 'record'>,
  options: {
    readonly registry?: string
    readonly own?: readonly string[]
    readonly submitted?: string
  },
): Promise<TrainingInput['registry']> {
  const own = new Set(options.own ?? [])
  if (options.registry === undefined) {
    if (own.size === 0) return undefined
    throw new AppError('USAGE', '--own names models of a registry, and none is given', {
      hint: 'add --registry DIR',
    })
  }
  const all = await readFilledRegistry(options.registry)
  const folder = dirname(path)
  const { checkpoints, submitted } = input.record
  const places = [
    ...checkpoints.map((checkpoint) => join(folder, checkpoint.folder)),
    ...(submitted === undefined ? [] : [join(folder, submitted)]),
    ...(options.submitted === undefined ? [] : [options.submitted]),
  ]
  const others = places.reduce((entries, place) => otherThan(entries, place), all)
  const isOwn = ({ fingerprint }: (typeof all)[number]) => own.has(fingerprint.source.id)
  const unknown = [...own].filter((id) => !all.some((entry) => entry.fingerprint.source.id === id))
  if (unknown.length > 0) {
    throw new AppError('NOT_FOUND', `${options.registry} holds no model named ${unknown[0]}`, {
      hint: `dokja registry list --registry ${options.registry}`,
    })
  }
  return {
    entries: others.filter((entry) => !isOwn(entry)).map((entry) => entry.fingerprint),
    leftOut: all.filter(isOwn).map((entry) => entry.fingerprint.source.id),
    scannerFor: kernelScanner,
  }
}
