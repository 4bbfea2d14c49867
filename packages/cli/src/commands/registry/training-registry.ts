import { dirname, join } from 'node:path'
import { AppError, type TrainingInput } from '@dokja/core'
import { type RegistryStore, sketchKernel } from '@dokja/core/node'
import { liesIn } from './lies-in.ts'
import { registryPlace, withRegistry } from './registry-place.ts'

type Options = {
  readonly registry?: string | true
  readonly own?: readonly string[]
  readonly submitted?: string
}

type Registry = NonNullable<TrainingInput['registry']>

/**
 * Opens the registry that a training record is searched in, if one is named, for as long as `work`
 * takes. Entries made from the record's own folders are left out, and so are those that are declared to be the model
 * itself; the latter are named in the report.
 */
export async function withTrainingRegistry<T>(
  path: string,
  input: Pick<TrainingInput, 'record'>,
  context: { readonly options: Options; readonly work: (registry?: Registry) => Promise<T> },
): Promise<T> {
  const { options, work } = context
  if (options.registry === undefined) {
    if (options.own === undefined) return work()
    throw new AppError('USAGE', '--own names models of a registry, and none is given', {
      hint: 'add --registry DIR, or --registry postgres://USER@HOST/DATABASE',
    })
  }
  const { checkpoints, submitted } = input.record
  const folder = dirname(path)
  const places = [
    ...checkpoints.map((checkpoint) => join(folder, checkpoint.folder)),
    ...(submitted === undefined ? [] : [join(folder, submitted)]),
    ...(options.submitted === undefined ? [] : [options.submitted]),
  ]
  return withRegistry(registryPlace(options.registry), 'read', async (store) =>
    work({ registry: store, scanner: sketchKernel(), ...(await leaveOut(store, options, places)) }),
  )
}

async function leaveOut(
  store: RegistryStore,
  options: Pick<Options, 'own'>,
  places: readonly string[],
): Promise<Pick<Registry, 'without' | 'leftOut'>> {
  const own = new Set(options.own ?? [])
  const isHere = liesIn(places)
  const without = new Set<string>()
  const leftOut: string[] = []
  for await (const { entry, identity, place } of store.listed()) {
    const isOwn = own.has(identity.id)
    if (isOwn) leftOut.push(identity.id)
    if (isOwn || isHere(place)) without.add(entry)
  }
  const [unknown] = [...own].filter((id) => !leftOut.includes(id))
  if (unknown === undefined) return { without, leftOut }
  throw new AppError('NOT_FOUND', `${store.place} holds no model named ${unknown}`, {
    hint: `dokja registry list --registry ${store.place}`,
  })
}
