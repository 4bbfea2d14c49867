import { AppError } from '@dokja/core'
import {
  isDatabaseAddress,
  openFilledRegistry,
  openRegistry,
  type RegistryStore,
} from '@dokja/core/node'

export const REGISTRY_OPTION = '--registry <place>'
export const REGISTRY_HELP =
  'folder of the registry, or postgres://USER@HOST/DATABASE; without it DATABASE_URL of the environment'

/** For commands that use a registry only where --registry stands, with a place or without. */
export const PLACE_HELP =
  'a folder, or postgres://USER@HOST/DATABASE; without a place DATABASE_URL of the environment'

/** The place that --registry names; without a name there, the database of the environment. */
export function registryPlace(given: string | true | undefined): string {
  if (typeof given === 'string') return given
  const address = process.env['DATABASE_URL']
  if (address !== undefined && isDatabaseAddress(address)) return address
  throw new AppError('USAGE', 'no registry is named', {
    hint: '--registry DIR, or --registry postgres://USER@HOST/DATABASE, or the latter as DATABASE_URL',
  })
}

/** Opens the registry for one command and closes it after, whatever happens. */
export async function withRegistry<T>(
  given: string | undefined,
  purpose: 'read' | 'add',
  work: (store: RegistryStore) => Promise<T>,
): Promise<T> {
  const place = registryPlace(given)
  const store = await (purpose === 'read' ? openFilledRegistry(place) : openRegistry(place, 'add'))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
