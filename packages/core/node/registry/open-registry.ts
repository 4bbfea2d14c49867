import { isDatabaseAddress } from './database-address.ts'
import { folderRegistry } from './folder-registry.ts'
import { emptyRegistry, type RegistryStore } from './registry-store.ts'

/**
 * Opens a registry to read it or to add to it. `place` is a folder or postgres://…; what a database
 * needs is loaded only then. Throws AppError.
 */
export async function openRegistry(place: string, purpose: 'read' | 'add'): Promise<RegistryStore> {
  if (!isDatabaseAddress(place)) return folderRegistry(place)
  const { openPostgres } = await import('./postgres/open-postgres.ts')
  return openPostgres(place, purpose)
}

/** To read it; throws AppError NOT_FOUND where there is nothing to search. */
export async function openFilledRegistry(place: string): Promise<RegistryStore> {
  const store = await openRegistry(place, 'read')
  try {
    if ((await store.count()) > 0) return store
    throw emptyRegistry(store.place)
  } catch (error) {
    await store.close()
    throw error
  }
}
