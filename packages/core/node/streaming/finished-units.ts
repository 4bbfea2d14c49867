import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../make-folder.ts'
import type { UnitJob, UnitResult } from './stream-unit.ts'
import type { Places } from './unit-worker.ts'

/**
 * Results of units that were read to the end, so that a full read that was killed goes on where it stopped. The
 * key holds everything that a result depends on: the files' identities and the steps. Numbers are kept as JSON
 * writes them, which gives back the same bits.
 */
export type FinishedUnits = {
  readonly find: (job: UnitJob) => Promise<UnitResult | undefined>
  readonly keep: (job: UnitJob, result: UnitResult) => Promise<void>
}

const VERSION = 'dokja.full-read/2'

const digest = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)])
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
  candidate: digest.nullable(),
  reference: digest.nullable(),
  steps: z.array(z.strictObject({ isIdentical: z.boolean().nullable(), sums: sums.nullable() })),
})

export function finishedUnits(folder: string, places: Places): FinishedUnits {
  const pathOf = (job: UnitJob) => {
    const { candidate, reference } = job.unit
    const counterparts = job.steps.flatMap(({ counterpart }) => counterpart?.span.file ?? [])
    const identities = [
      places.candidate.get(candidate ?? '')?.identity,
      ...[...new Set([reference ?? '', ...counterparts])].map(
        (file) => places.reference.get(file)?.identity,
      ),
    ]
    const text = JSON.stringify([VERSION, job, identities])
    const name = createHash('sha256').update(text).digest('hex')
    return join(folder, 'full-read', `${name}.json`)
  }
  return {
    find: async (job) => {
      try {
        const held = resultSchema.parse(JSON.parse(await readFile(pathOf(job), 'utf8')))
        return held.steps.length === job.steps.length ? held : undefined
      } catch {
        // Absent, unreadable or of another version: it is read again.
        return undefined
      }
    },
    keep: async (job, result) => {
      const path = pathOf(job)
      const partial = `${path}.${process.pid}.partial`
      const text = JSON.stringify(result, (_, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      )
      try {
        await makeFolder(join(folder, 'full-read'))
        await writeFile(partial, text)
        await rename(partial, path)
      } catch {
        // A full or read-only disk costs time on the next run, not this one.
      }
    },
  }
}
