import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, normalize, resolve } from 'node:path'
import { parseReference } from './remote/reference.ts'

/** Names that every model's files have; alone they would tell no two models apart. */
const COMMON_FILE =
  /^(?:model|pytorch_model|diffusion_pytorch_model|adapter_model|consolidated|weights?)\b/i
const COMMIT = /^[0-9a-f]{40}$/

/**
 * How a report names a model of this machine: as the user wrote it where that stays below the
 * working folder, else by the last part of its path. A report is handed on and published; where its
 * author keeps files, and under which account, is nobody's business.
 */
export function reportName(path: string): string {
  const written = path.replace(/(?<=.)\/+$/, '')
  const plain = normalize(written)
  const isBelow = !isAbsolute(plain) && plain !== '.' && plain.split('/')[0] !== '..'
  if (isBelow) return written
  const absolute = resolve(path)
  const last = basename(absolute) || 'model'
  const parent = basename(dirname(absolute))
  if (COMMON_FILE.test(last) && /\.\w+$/.test(last) && parent !== '') return `${parent}/${last}`
  // The cache of a hub keeps a model as models--org--name/snapshots/<commit>.
  const kept = basename(dirname(dirname(absolute)))
  return COMMIT.test(last) && kept !== '' && parent === 'snapshots' ? `${kept}/${last}` : last
}

/**
 * Names for everything that one report compares, by what the user wrote: two models never share
 * one. What is read from a server keeps the id that its listing gives it and is left out.
 */
export function reportNames(places: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const place of places) {
    if (names.has(place) || parseReference(place, existsSync(place)).kind !== 'path') continue
    const first = reportName(place)
    let name = first
    for (let at = 2; taken.has(name); at++) name = `${first} (${at})`
    taken.add(name)
    names.set(place, name)
  }
  return names
}
