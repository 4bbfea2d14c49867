import type { JsonValue } from '../../base/canonical-json.ts'
import { digestBytes } from '../../base/digest.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import type { EvidenceDraft } from './drafts.ts'
import type { Evidence } from './entry-body.ts'

/** Bytes of the files that drafts name, by the path they are named with. */
export type EvidenceFiles = ReadonlyMap<string, Uint8Array>

/**
 * Evidence with the digest of its file. Throws AppError NOT_FOUND for a file that is not there or
 * a place that is not in it, and VALUE_INVALID when a digest that was given is another.
 */
export function checkedEvidence(draft: EvidenceDraft, files: EvidenceFiles): Evidence {
  const { title, link, file, at } = draft
  const kept = { title, ...(link ? { link } : {}), ...(at ? { at } : {}) }
  if (file === undefined) return { ...kept, ...(draft.digest ? { digest: draft.digest } : {}) }
  const bytes = files.get(file)
  if (!bytes) throw new AppError('NOT_FOUND', `there is no evidence file ${file}`)
  const digest = digestBytes(bytes)
  if (draft.digest !== undefined && draft.digest !== digest) {
    throw new AppError('VALUE_INVALID', `${file} has the digest ${digest}, not ${draft.digest}`)
  }
  if (at !== undefined && !isInside(parseStrictJson(bytes, { source: file }), at)) {
    throw new AppError('NOT_FOUND', `${file} has no place ${at}`, {
      hint: 'a place is a path such as components/vision_encoder',
    })
  }
  return { ...kept, file, digest }
}

/**
 * Whether a path leads somewhere in a JSON document. A step is a key, an index, or in a list the
 * entry whose component, team, part or id has that name.
 */
export function isInside(document: JsonValue, path: string): boolean {
  let value: JsonValue | undefined = document
  for (const step of path.split('/')) {
    value = child(value, step)
    if (value === undefined) return false
  }
  return true
}

const NAMES = ['component', 'team', 'part', 'id', 'rule'] as const

function child(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (Array.isArray(value)) {
    if (/^\d+$/.test(step)) return value[Number(step)]
    return value.find((entry: JsonValue) => NAMES.some((name) => isNamed(entry, name, step)))
  }
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, step) ? (value as { [key: string]: JsonValue })[step] : undefined
}

const isNamed = (entry: JsonValue, name: string, step: string): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  !Array.isArray(entry) &&
  (entry as { readonly [key: string]: JsonValue })[name] === step
