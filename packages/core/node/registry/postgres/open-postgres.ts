import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { shownDatabase } from '../database-address.ts'
import type { RegistryStore } from '../registry-store.ts'
import { databaseError } from './database-error.ts'
import { postgresRegistry } from './postgres-registry.ts'
import type { RegistryTables } from './tables.ts'

const CONNECT_MS = 10_000

/** Connects to a database and opens the registry in it; `close` ends the connections. Throws AppError. */
export async function openPostgres(
  address: string,
  purpose: 'read' | 'add',
): Promise<RegistryStore> {
  const place = shownDatabase(address)
  const db = connect(address, place)
  try {
    const store = await postgresRegistry(db, { place, purpose })
    const close = async () => {
      await store.close()
      await db.destroy()
    }
    return { ...store, close }
  } catch (error) {
    await db.destroy()
    throw error
  }
}

function connect(address: string, place: string): Kysely<RegistryTables> {
  const config: pg.PoolConfig = {
    connectionString: address,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'dokja',
    keepAlive: true,
    max: 2,
  }
  try {
    const pool = new pg.Pool(config)
    // A connection that breaks while nothing is asked of it; the next question fails and says so.
    pool.on('error', () => {})
    return new Kysely<RegistryTables>({ dialect: new PostgresDialect({ pool }) })
  } catch (error) {
    throw databaseError(error, place)
  }
}
