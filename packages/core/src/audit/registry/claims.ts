import { parse } from 'yaml'
import type { Checkpoint } from '../../model/checkpoint.ts'
import type { Claims } from './fingerprint.ts'
import { claimsFromScratch } from './from-scratch.ts'

const FRONT_MATTER = /^\uFEFF?\s*---[ \t]*\r?\n([\s\S]*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/
const TEXT_MAX = 65_536
/** Merges name dozens; more is no statement. */
const BASES_MAX = 64
/** What README.md says: `base_model` and `license` of its front matter, "from scratch" in its text. */
export function readClaims(checkpoint: Checkpoint): Claims {
  const name = [...checkpoint.texts.keys()].find((one) => /^readme\.md$/i.test(one))
  const text = (name && checkpoint.texts.get(name)) ?? ''
  const front = frontMatter(text)
  return {
    baseModels: [...new Set(textsOf(front['base_model']))].slice(0, BASES_MAX),
    saysFromScratch: claimsFromScratch(text.slice(0, TEXT_MAX)),
    licence: textsOf(front['license'] ?? front['license_name'])[0] ?? null,
  }
}

/** A broken card must not stop a fingerprint: what cannot be read claims nothing. */
function frontMatter(text: string): Readonly<Record<string, unknown>> {
  const yaml = FRONT_MATTER.exec(text.slice(0, TEXT_MAX))?.[1]
  if (yaml === undefined) return {}
  try {
    // Of a key given twice hubs take the last. Warnings would print the card's own text.
    const value: unknown = parse(yaml, { maxAliasCount: 10, uniqueKeys: false, logLevel: 'error' })
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.filter((one) => typeof one === 'string' && one.length <= 200 && one.length > 0)
}

/** Hub ids differ in case and may carry a revision; a folder may hold a model under its hub id. */
export function isSameModel(a: string, b: string): boolean {
  const [x, y] = [plainId(a), plainId(b)]
  const isInFolder = (path: string, id: string) => id.includes('/') && path.endsWith(`/${id}`)
  return x === y || isInFolder(x, y) || isInFolder(y, x)
}

const plainId = (id: string): string => id.toLowerCase().replace(/@[^/]*$/, '')
