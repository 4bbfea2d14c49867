import { parse } from 'yaml'
import type { Checkpoint } from '../../model/checkpoint.ts'
import type { Claims } from './fingerprint.ts'

const FRONT_MATTER = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\r?\n?/
const TEXT_MAX = 65_536
/** Where a sentence of either language speaks of training from nothing. */
const FROM_SCRATCH =
  /\b(?:trained|pre-?trained|built|developed)\s+(?:entirely\s+|completely\s+|fully\s+)?from[ -](?:the\s+)?(?:scratch|ground up)\b|(?:프롬\s*스크래치|from scratch|처음부터)[^.\n]{0,40}(?:학습|개발)[^.\n]{0,30}/gi

/** Words before the claim that take it back: they reach over adverbs and auxiliaries, not over a clause. */
const NEGATED_BEFORE =
  /(?:\b(?:not|never|neither|nor|no|without|cannot|rather than|instead of|nobody|none)\b|n['’]t\b)(?:,[^,.;]{1,40},|\s+(?!but\b|only\b|and\b|which\b|that\b)[\w'’-]+){0,5}\s*$/i
/** "not only trained from scratch but" affirms. */
const AFFIRMED_BEFORE = /\bnot\s+(?:only|just|merely)(?:\s+[\w'’-]+){0,4}\s*$/i
/** Korean verbs are negated behind: 하지 않았다, 한 것이 아니다, 못했다; 없이. Or before: 안, 못. */
const NEGATED_KOREAN =
  /(?:학습|개발)(?:(?!지만|으나)[^.\n]){0,20}?(?:지\s*(?:는|도)?\s*(?:않|못)|것[이은]?\s*(?:는\s*)?아[니닙닌님]|[이가]?\s*아[니닙닌님]|(?:한|된)\s*(?:적|바)[이은]?\s*없|못\s*[하했됐되]|안\s*[하했됐되])/

/** Does the text claim training from scratch, in a sentence that does not deny it? */
export function claimsFromScratch(text: string): boolean {
  for (const match of text.matchAll(FROM_SCRATCH)) {
    const before = text.slice(Math.max(0, match.index - REACH), match.index)
    const sentence = before.split(/[.!?;:\n]/).at(-1) ?? ''
    const isDenied = NEGATED_BEFORE.test(sentence) && !AFFIRMED_BEFORE.test(sentence)
    if (!isDenied && !NEGATED_KOREAN.test(match[0])) return true
  }
  return false
}

/** Characters before a claim that are read for a negation. */
const REACH = 120

/** What README.md says: `base_model` and `license` of its front matter, "from scratch" in its text. */
export function readClaims(checkpoint: Checkpoint): Claims {
  const text = [...checkpoint.texts].find(([name]) => /^readme\.md$/i.test(name))?.[1] ?? ''
  const front = frontMatter(text)
  return {
    baseModels: textsOf(front['base_model']),
    saysFromScratch: claimsFromScratch(text.slice(0, TEXT_MAX)),
    licence: textsOf(front['license'] ?? front['license_name'])[0] ?? null,
  }
}

/** A broken card must not stop a fingerprint: what cannot be read claims nothing. */
function frontMatter(text: string): Readonly<Record<string, unknown>> {
  const yaml = FRONT_MATTER.exec(text.slice(0, TEXT_MAX))?.[1]
  if (yaml === undefined) return {}
  try {
    const value: unknown = parse(yaml, { maxAliasCount: 10 })
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
