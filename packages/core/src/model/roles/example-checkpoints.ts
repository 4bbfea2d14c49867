import type { JsonValue } from '../../base/canonical-json.ts'
import { AssertionFault } from '../../base/errors.ts'
import type { Checkpoint } from '../checkpoint.ts'
import type { OnnxGraph } from '../onnx-graph.ts'
import type { ComponentStructure, Role, RoleMap } from '../role.ts'
import type { Dtype, TensorInfo } from '../tensor.ts'
import { mapRoles } from './map-roles.ts'
import { storedIndex } from './views.ts'

/**
 * Checkpoints without weights for the tests. One line is one tensor per index:
 * `model.layers.{L}.self_attn.q_proj.weight | q,d | language_model q`.
 * The third column is what `describeTensor` should say of it; sizes are names or numbers.
 */
export type Example = {
  readonly checkpoint: Checkpoint
  /** Expected description by tensor name. */
  readonly expected: ReadonlyMap<string, string>
}

export function example(
  table: string,
  sizes: Readonly<Record<string, number>>,
  config?: JsonValue,
): Example {
  const tensors: TensorInfo[] = []
  const expected = new Map<string, string>()
  for (const line of table.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [pattern = '', shapeText = '', words = ''] = line.split('|').map((cell) => cell.trim())
    const shape = shapeText === '' ? [] : shapeText.split(',').map((size) => sizeOf(size, sizes))
    for (const name of expandName(pattern, sizes)) {
      tensors.push(tensorOf(name, shape))
      if (words !== '') expected.set(name, words)
    }
  }
  return { checkpoint: checkpointOf(tensors, { config }), expected }
}

export function tensorOf(
  name: string,
  shape: readonly number[],
  dtype: Dtype = 'BF16',
): TensorInfo {
  return { name, dtype, shape, storage: { kind: 'memory', bytes: new Uint8Array(0) } }
}

export function checkpointOf(
  tensors: readonly TensorInfo[],
  rest: { readonly config?: JsonValue | undefined; readonly graph?: OnnxGraph } = {},
): Checkpoint {
  return {
    id: 'example',
    format: rest.graph === undefined ? 'safetensors' : 'onnx',
    tensors: [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1)),
    files: [],
    config: rest.config,
    graph: rest.graph,
    texts: new Map(),
    notes: [],
  }
}

function sizeOf(word: string, sizes: Readonly<Record<string, number>>): number {
  const factors = word.split('*').map((factor) => {
    const size = sizes[factor] ?? Number(factor)
    if (!Number.isInteger(size)) throw new AssertionFault(`unknown size ${factor}`)
    return size
  })
  return factors.reduce((product, factor) => product * factor, 1)
}

/** {L} counts from 0 to sizes.L; {weight,bias} lists words. */
function expandName(pattern: string, sizes: Readonly<Record<string, number>>): readonly string[] {
  const match = /\{([^}]*)\}/.exec(pattern)
  const inside = match?.[1]
  if (match === null || inside === undefined) return [pattern]
  // Only capitals count: {L} is an index, {q} a word.
  const count = /^[A-Z]$/.test(inside) ? sizes[inside] : undefined
  const choices =
    count === undefined ? inside.split(',') : Array.from({ length: count }, (_, i) => String(i))
  return choices.flatMap((choice) => expandName(pattern.replace(match[0], choice), sizes))
}

/** 'language_model q + k + v', 'projector fc1', 'embeddings head', 'language_model norm:final'. */
export function describeTensor(map: RoleMap, tensor: string): string {
  const roles = map.roles.filter((role) => role.tensor === tensor)
  const words = [
    ...new Set(roles.map((role) => role.kind + (role.slot === '' ? '' : `:${role.slot}`))),
  ]
  const components = [...new Set(roles.map(({ component }) => component))]
  return `${components.join(',')} ${words.join(' + ')}`
}

/** What the map says otherwise than the example expects, and what it breaks. */
export function mismatches({ checkpoint, expected }: Example): readonly string[] {
  const map = mapRoles(checkpoint)
  const wrong = [...expected].flatMap(([name, words]) => {
    const found = describeTensor(map, name)
    return found === words ? [] : [`${name}: expected ${words}, found ${found}`]
  })
  return [...wrong, ...faultsOf(checkpoint, map)]
}

export function structureIn(e: Example, component: string): ComponentStructure | undefined {
  return mapRoles(e.checkpoint).structures.find((s) => s.component === component)
}

/** Every element of every tensor in exactly one view; every role under its own key. */
export function faultsOf(checkpoint: Checkpoint, map: RoleMap): readonly string[] {
  const faults: string[] = []
  const byTensor = Map.groupBy(map.roles, ({ tensor }) => tensor)
  for (const { name, shape } of checkpoint.tensors) {
    const size = shape.reduce((product, n) => product * n, 1)
    const covered = new Uint8Array(size)
    for (const role of byTensor.get(name) ?? []) {
      for (const index of indicesOf(role)) covered[index] = (covered[index] ?? 9) + 1
    }
    if (covered.some((times) => times !== 1)) faults.push(`${name} is not covered once`)
  }
  const keys = map.roles.map((r) =>
    [r.component, r.layer, r.expert, r.kind, r.part, r.slot].join('|'),
  )
  const seen = new Set<string>()
  for (const key of keys) {
    if (seen.has(key)) faults.push(`two roles are ${key}`)
    seen.add(key)
  }
  return faults
}

function* indicesOf({ view }: Role): Generator<number> {
  for (let i = 0; i < view.rows; i++) {
    for (let j = 0; j < view.cols; j++) yield storedIndex(view, i, j)
  }
}
