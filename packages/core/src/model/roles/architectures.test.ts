import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../base/canonical-json.ts'
import { checkpointOf, faultsOf, tensorOf } from './example-checkpoints.ts'
import { mapRoles } from './map-roles.ts'

/**
 * Names, shapes and configurations written by the transformers library, with the role maps whose
 * units were negated and permuted in the models themselves without changing their outputs.
 */
type Vectors = {
  readonly source: string
  readonly architectures: readonly {
    readonly name: string
    readonly config: JsonValue
    /** 'name 3,4': the shape behind a space; a scalar has none. */
    readonly tensors: readonly string[]
    readonly structures: readonly { readonly component: string }[]
    readonly kinds: Readonly<Record<string, Readonly<Record<string, number>>>>
    readonly checked: Readonly<Record<string, readonly string[]>>
  }[]
}

const url = new URL('../../../../../testdata/vectors/architectures.json', import.meta.url)
const vectors = JSON.parse(readFileSync(url, 'utf8')) as Vectors

describe('architectures of the transformers library', () => {
  it('are many, and every one had at least one family of units checked in the model', () => {
    expect(vectors.architectures.length).toBeGreaterThan(80)
    const unchecked = vectors.architectures.filter(
      ({ checked }) => Object.keys(checked).length === 0,
    )
    expect(unchecked.map(({ name }) => name)).toEqual([])
  })

  it.each(vectors.architectures.map((entry) => [entry.name, entry] as const))(
    'keep the roles that passed: %s',
    (_, { config, tensors, structures, kinds }) => {
      const checkpoint = checkpointOf(
        tensors.map((line) => {
          const [name = '', shape = ''] = line.split(' ')
          return tensorOf(name, shape === '' ? [] : shape.split(',').map(Number), 'F32')
        }),
        { config },
      )
      const map = mapRoles(checkpoint)
      expect(faultsOf(checkpoint, map)).toEqual([])
      const counts = Object.fromEntries(
        [...Map.groupBy(map.roles, ({ component }) => component)].map(([component, roles]) => [
          component,
          Object.fromEntries(
            [...Map.groupBy(roles, ({ kind }) => kind)].map(([kind, own]) => [kind, own.length]),
          ),
        ]),
      )
      expect(counts).toEqual(kinds)
      // JSON has null where the map has nothing.
      const found = map.structures.map((s) => ({
        ...s,
        attention: s.attention ?? null,
        latent: s.latent ?? null,
      }))
      expect(new Set(found.map((s) => s.component))).toEqual(
        new Set(structures.map((s) => s.component)),
      )
      for (const expected of structures) {
        expect(found.find((s) => s.component === expected.component)).toEqual(expected)
      }
    },
  )
})
