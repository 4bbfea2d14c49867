import { AppError } from '../../src/base/errors.ts'

/** Is a registry named by an address, not by a folder? Throws AppError USAGE for other addresses. */
export function isDatabaseAddress(place: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place)?.[1]?.toLowerCase()
  if (scheme === undefined) return false
  if (scheme === 'postgres' || scheme === 'postgresql') return true
  throw new AppError('USAGE', `a registry cannot be kept at ${scheme}://…`, {
    hint: 'name a folder, or postgres://USER@HOST:PORT/DATABASE',
  })
}

/**
 * The address as it may be shown: without password and options. Throws AppError USAGE, which shows
 * nothing of it, where it is not clear which part is the password.
 */
export function shownDatabase(address: string): string {
  const url = URL.parse(address)
  if (!url || `${url.pathname}${url.search}${url.hash}`.includes('@')) {
    throw new AppError('USAGE', 'the address of the database cannot be read', {
      hint: 'postgres://USER@HOST:PORT/DATABASE; in a password write @ as %40, / as %2F, ? as %3F, # as %23',
    })
  }
  const user = url.username === '' ? '' : `${url.username}@`
  return `postgres://${user}${url.host}${url.pathname}`
}
