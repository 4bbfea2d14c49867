import { beforeAll, describe, expect, it } from 'vitest'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import { printedTransform } from '../../packages/core/src/audit/technical/aligned/transform.ts'
import { readTransform } from '../../packages/core/src/audit/technical/replay/read-transform.ts'
import type {
  Replay,
  ReplayedKind,
} from '../../packages/core/src/audit/technical/replay/replay.ts'
import { replayTransform } from '../../packages/core/src/audit/technical/replay/replay-transform.ts'
import {
  type StoredTransform,
  transformBytes,
} from '../../packages/core/src/audit/technical/replay/stored-transform.ts'
import { transformFiles } from '../../packages/core/src/audit/technical/replay/transform-files.ts'
import { type Digest, digestBytes } from '../../packages/core/src/base/digest.ts'
import { createRng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import { memoryReader } from '../../packages/core/src/model/byte-reader.ts'
import { componentOf } from './models.ts'
import * as change from './transforms.ts'
import { everySymmetry } from './unit-tricks.ts'

// A recovered transform is written, read again and replayed. All models are simulated.

const models = new Map<string, change.Loaded>()
beforeAll(async () => {
  for (const name of ['s1', 'sft1', 'cpt1', 's2']) models.set(name, await change.load(name))
})
const held = (name: string) => models.get(name)!
const source = (name: string, model: change.Loaded) => change.asSource(name, model)

/** Compares, writes the transform of the body and reads it again. */
async function recover(candidate: change.Loaded, reference = held('s1')) {
  const comparison = await compareModels(
    source('org/candidate', candidate),
    source('org/reference', reference),
  )
  const { files, ofComparison } = transformFiles([comparison])
  const body = componentOf(ofComparison(comparison), 'language_model')
  const file = files.find(({ name }) => name === body.transform?.file?.name)!
  const bytes = file.bytes()
  expect(digestBytes(bytes)).toBe(body.transform!.file!.digest)
  expect(bytes.length).toBe(body.transform!.file!.sizeBytes)
  return { body, bytes, stored: await readTransform(memoryReader(file.name, bytes)) }
}

const replay = (
  candidate: change.Loaded,
  stored: StoredTransform,
  options: { readonly reference?: change.Loaded; readonly budgetBytes?: number } = {},
) =>
  replayTransform(
    {
      candidate: source('org/candidate', candidate),
      reference: source('org/reference', options.reference ?? held('s1')),
    },
    stored,
    options.budgetBytes === undefined ? {} : { budgetBytes: options.budgetBytes },
  )

const kindOf = (done: Replay, kind: ReplayedKind) => done.kinds.find((one) => one.kind === kind)!
const correlations = (done: Replay) =>
  Object.fromEntries(done.kinds.map(({ kind, correlation }) => [kind, correlation!.toFixed(3)]))

const HIDING: Record<string, change.Transform> = {
  'axes and units reordered': change.allOf(change.permuteResidual, change.permuteUnits),
  'rotated with new norms, units rescaled': change.allOf(
    change.rotateResidual,
    change.permuteUnits,
    change.scaleUnits,
  ),
  'every symmetry at once': everySymmetry,
  'the same, rounded to 4 bits': change.allOf(everySymmetry, change.toInt4),
  'axes dropped, units too': change.allOf(change.pruneUnits(64), change.pruneResidual(36)),
}

describe('debug', () => {
  it.each(Object.entries(HIDING))('%s', async (name, hide) => {
    for (const child of ['sft1', 'cpt1']) {
      const candidate = hide(held(child), createRng(name))
      const { body, stored, bytes } = await recover(candidate)
      const done = await replay(candidate, stored)
      console.log(name, child, body.tier, bytes.length, done.outcome, done.stated, done.replayed, correlations(done), done.rotationGap, done.leftOut.length, done.kinds.map(k=>`${k.kind}:${k.error?.toFixed(3)}`).join(' '))
    }
  })
})
