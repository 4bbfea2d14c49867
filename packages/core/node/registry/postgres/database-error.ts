import { AppError, type ErrorCode } from '../../../src/base/errors.ts'
import { SCHEMA } from './tables.ts'

type Remedy = { readonly code: ErrorCode; readonly says: string; readonly hint: string }

const REACH: Remedy = {
  code: 'UNREADABLE',
  says: 'the database cannot be reached',
  hint: 'is the server running, and does it listen at this address?',
}
const PASSWORD: Remedy = {
  code: 'UNREADABLE',
  says: 'the database refuses this user or password',
  hint: 'give the password in the address, as PGPASSWORD or in ~/.pgpass',
}
const RIGHTS: Remedy = {
  code: 'UNREADABLE',
  says: 'this user lacks a right in the database',
  hint: `to search: usage of schema ${SCHEMA} and select on its tables; to add also insert, update and delete; the first time, create on the database; tables of an earlier version are changed by the role that owns them`,
}
const SERVER: Remedy = {
  code: 'UNREADABLE',
  says: 'the database failed',
  hint: 'see the log of the database server, then run it again: what was added before is kept',
}

/** Codes of the operating system and SQLSTATE, or the first two characters of its class. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  ECONNREFUSED: REACH,
  ECONNRESET: REACH,
  EPIPE: REACH,
  ENOTFOUND: REACH,
  EAI_AGAIN: REACH,
  ETIMEDOUT: REACH,
  EHOSTUNREACH: REACH,
  ENETUNREACH: REACH,
  ENOENT: REACH,
  '08': REACH,
  '28': PASSWORD,
  '3D000': {
    code: 'NOT_FOUND',
    says: 'there is no such database',
    hint: 'make it with createdb, or correct the name in the address',
  },
  '42501': RIGHTS,
  '53': SERVER,
  '55': SERVER,
  '57': SERVER,
  '58': SERVER,
  XX: SERVER,
}

/** What the driver says without a code. */
const UNCODED: readonly (readonly [RegExp, Remedy])[] = [
  [/SASL|password must be/i, PASSWORD],
  [/timeout|terminated|not queryable|ended|getaddrinfo/i, REACH],
  [/SSL|TLS|certificate/i, { ...REACH, hint: 'see sslmode in the address of the database' }],
]

/** A failure of the database as an AppError that names the place; what is none of it is handed on. */
export function databaseError(error: unknown, place: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const remedy =
    REMEDIES[code] ??
    REMEDIES[code.slice(0, 2)] ??
    UNCODED.find(([pattern]) => code === '' && pattern.test(error.message))?.[1]
  if (!remedy) return error
  const detail = error.message === '' ? code : error.message
  return new AppError(remedy.code, `${place}: ${remedy.says} (${detail})`, {
    cause: error,
    hint: remedy.hint,
  })
}
