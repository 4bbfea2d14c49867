import { join } from 'node:path'
import { z } from 'zod'
import { digestSchema } from '../../src/base/digest-schema.ts'
import { notedResults } from '../noted-results.ts'
import type { UnitJob, UnitResult } from './stream-unit.ts'
import type { Places } from './unit-worker.ts'

/**
 * Results of units that were read to the end, so that a full read that was killed goes on where it stopped. They
 * depend on the files' identities and the steps.
 */
export type FinishedUnits = {
  readonly find: (job: UnitJob) => Promise<UnitResult | undefined>
  readonly keep: (job: UnitJob, result: UnitResult) => Promise<void>
}

const VERSION = 'dokja.full-read/2'

const number = z.number().or(z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number))
const sums = z.strictObject({
  count: number,
  sumA: number,
  sumB: number,
  sumAA: number,
  sumBB: number,
  sumAB: number,
})
const resultSchema = z.strictObject({
  candidate: digestSchema.nullable(),
  reference: digestSchema.nullable(),
  steps: z.array(z.strictObject({ isIdentical: z.boolean().nullable(), sums: sums.nullable() })),
})

export function finishedUnits(folder: string, places: Places): FinishedUnits {
  const noted = notedResults<UnitResult>(join(folder, 'full-read'), resultSchema)
  const keyOf = (job: UnitJob) => {
    const { candidate, reference } = job.unit
    const counterparts = job.steps.flatMap(({ counterpart }) => counterpart?.span.file ?? [])
    const identities = [
      places.candidate.get(candidate ?? '')?.identity,
      ...[...new Set([reference ?? '', ...counterparts])].map(
        (file) => places.reference.get(file)?.identity,
      ),
    ]
    return JSON.stringify([VERSION, job, identities])
  }
  return {
    find: async (job) => {
      const held = await noted.find(keyOf(job))
      return held?.steps.length === job.steps.length ? held : undefined
    },
    keep: (job, result) => noted.keep(keyOf(job), result),
  }
}
