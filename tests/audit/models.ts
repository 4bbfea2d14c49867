import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { type CompareOptions, compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { Comparison, ComponentComparison } from '../../packages/core/src/audit/result.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'

export const MODELS = join(import.meta.dirname, '..', '..', 'testdata', 'models')

export type LineagePair = {
  readonly candidate: string
  readonly reference: string
  readonly expected: Readonly<Record<string, string>>
  readonly acceptable?: Readonly<Record<string, readonly string[]>>
  readonly note?: string
}

export const lineage: { readonly pairs: readonly LineagePair[] } = JSON.parse(
  readFileSync(join(MODELS, 'lineage.json'), 'utf8'),
)

/** Compares two models by folder name in testdata/models, or by path. */
export async function compareByName(
  candidate: string,
  reference: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const opened: TensorSource[] = []
  try {
    for (const name of [candidate, reference]) {
      opened.push(await openCheckpoint(name.includes('/') ? name : join(MODELS, name)))
    }
    const [a, b] = opened
    return await compareModels(a!, b!, options)
  } finally {
    for (const source of opened) await source.close()
  }
}

export function componentOf(comparison: Comparison, name: string): ComponentComparison {
  const found = comparison.components.find((entry) => entry.component === name)
  if (!found) throw new Error(`no component ${name} in ${comparison.candidate.id}`)
  return found
}

/** One calibration model: the tensors of a file that begin with this number, prefix removed. */
export function subModel(source: TensorSource, prefix: string, config: unknown): TensorSource {
  const tensors = source.checkpoint.tensors
    .filter((tensor) => tensor.name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }))
  return {
    ...source,
    checkpoint: {
      ...source.checkpoint,
      id: `${source.checkpoint.id}#${prefix}`,
      tensors,
      config: config as TensorSource['checkpoint']['config'],
    },
  }
}
