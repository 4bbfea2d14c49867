import { z } from 'zod'
import { AppError } from '../../src/base/errors.ts'
import { quoted } from '../../src/base/quoted.ts'
import { parseStrictJson } from '../../src/base/strict-json.ts'
import type { HttpAnswer } from './http-client.ts'
import type { ModelReference } from './reference.ts'
import type { RemoteAccess } from './remote-access.ts'
import type { RemoteFile } from './remote-file.ts'
import { fetchSmall } from './requests.ts'
import { shownAddress } from './shown-address.ts'

/** The files of a model on a hub at one commit, with sizes and digests. */
export type HubListing = {
  readonly commit: string
  readonly files: readonly RemoteFile[]
}

/** Of all pages together. */
const LISTING_BYTES_MAX = 64 * 2 ** 20
const REVISION_BYTES_MAX = 8 * 2 ** 20
const PAGES_MAX = 200
const COMMIT = /^[0-9a-f]{40}$/

const Revision = z.object({ sha: z.string().regex(COMMIT) })
const Tree = z.array(
  z.object({
    type: z.string(),
    path: z.string().max(4096),
    size: z.number().int().nonnegative(),
    oid: z.string().optional(),
    lfs: z.object({ oid: z.string(), size: z.number().int().nonnegative() }).optional(),
  }),
)

/**
 * Pins the revision to a commit, then lists its files page by page through the API that Hugging
 * Face and compatible hubs serve. Addresses contain the commit, so what is read cannot move.
 * Throws AppError NOT_FOUND, UNREADABLE, SCHEMA_INVALID.
 */
export async function listHub(
  model: Extract<ModelReference, { kind: 'hub' }>,
  access: RemoteAccess,
  endpoint: string,
): Promise<HubListing> {
  const { repository, revision } = model
  const api = `${endpoint}/api/models/${repository}`
  const commit = COMMIT.test(revision)
    ? revision
    : parse(Revision, await getJson(`${api}/revision/${encodeURIComponent(revision)}`, access), api)
        .sha
  const files: RemoteFile[] = []
  let page: string | undefined = `${api}/tree/${commit}?recursive=true`
  let bytesLeft = LISTING_BYTES_MAX
  for (let count = 0; page !== undefined; count++) {
    if (count === PAGES_MAX) throw tooMuch(api, `more than ${PAGES_MAX} pages of files`)
    const answer: Page = await getPage(page, access, {
      maxBytes: LISTING_BYTES_MAX,
      explain404: () => missingCommit(model, access, api),
    })
    bytesLeft -= answer.sizeBytes
    if (bytesLeft < 0) throw tooMuch(api, `a list of more than ${LISTING_BYTES_MAX} bytes`)
    for (const entry of parse(Tree, answer.value, api)) {
      if (entry.type !== 'file') continue
      files.push({
        file: entry.path,
        url: `${endpoint}/${repository}/resolve/${commit}/${encodePath(entry.path)}`,
        sizeBytes: entry.lfs?.size ?? entry.size,
        // A commit and digests are one hub's word: another may state the same of other bytes.
        pinned: `${api}@${commit}/${entry.path}/${entry.lfs?.oid ?? entry.oid ?? ''}`,
        validator: undefined,
      })
    }
    page = answer.next
  }
  return { commit, files }
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

async function getJson(url: string, access: RemoteAccess): Promise<unknown> {
  return (await getPage(url, access, { maxBytes: REVISION_BYTES_MAX })).value
}

/**
 * A hub answers 404 alike for a repository that it does not have and for a commit that a repository
 * does not have (rewritten, or copied wrongly). Whether a default branch is there tells them apart.
 */
async function missingCommit(
  { repository, revision }: Extract<ModelReference, { kind: 'hub' }>,
  access: RemoteAccess,
  api: string,
): Promise<AppError | undefined> {
  const answer = await fetchSmall(access, `${api}/revision/main`, { maxBytes: REVISION_BYTES_MAX })
  if (answer.status !== 200) return undefined
  const { sha } = parse(Revision, parseStrictJson(answer.bytes, { source: api }), api)
  return new AppError(
    'NOT_FOUND',
    `${repository} has no commit ${revision}; its default branch is at ${sha}`,
    { hint: 'the repository was rewritten or the commit is wrong; name it without a commit' },
  )
}

type Page = {
  readonly value: unknown
  readonly next: string | undefined
  readonly sizeBytes: number
}

async function getPage(
  url: string,
  access: RemoteAccess,
  options: {
    readonly maxBytes: number
    readonly explain404?: () => Promise<AppError | undefined>
  },
): Promise<Page> {
  const answer = await fetchSmall(access, url, { maxBytes: options.maxBytes })
  const explained = answer.status === 404 ? await options.explain404?.() : undefined
  if (explained) throw explained
  const place = shownAddress(url)
  if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
    throw new AppError('NOT_FOUND', `${place}: the hub answered ${answer.status}`, {
      hint: 'check the name and revision; for a gated model accept its licence and set HF_TOKEN',
    })
  }
  if (answer.status !== 200) {
    throw new AppError('UNREADABLE', `${place}: the hub answered ${answer.status}`, {
      hint: 'run again later',
    })
  }
  const value = readJson(answer, { source: place, maxBytes: options.maxBytes })
  return { value, next: nextPage(url, answer.headers['link']), sizeBytes: answer.bytes.length }
}

/** A page for people, of a portal or of a server that is no hub, is told apart from a damaged answer. */
function readJson(
  answer: HttpAnswer,
  options: { readonly source: string; readonly maxBytes: number },
): unknown {
  try {
    return parseStrictJson(answer.bytes, options)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'JSON_INVALID') throw error
    const type = answer.headers['content-type']?.slice(0, 60)
    const stated = type === undefined ? '' : ` but ${quoted(type)}`
    throw new AppError('UNREADABLE', `${options.source}: the answer is not JSON${stated}`, {
      cause: error,
      hint: HUB_HINT,
    })
  }
}

const HUB_HINT = 'is this a hub with the Hugging Face API? HF_ENDPOINT names another'

/** The page that a `Link` header names. It must be the same hub's: what it lists is what is read. */
function nextPage(url: string, link: string | undefined): string | undefined {
  const stated = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  if (stated === undefined) return undefined
  const next = URL.canParse(stated, url) ? new URL(stated, url) : undefined
  if (next?.origin === new URL(url).origin) return next.href
  throw new AppError(
    'UNREADABLE',
    `${shownAddress(url)}: the listing goes on at ${next?.origin ?? 'no address'}, which is not this hub`,
    { hint: 'set HF_ENDPOINT to the hub itself, or fetch the model and name its folder' },
  )
}

const tooMuch = (api: string, what: string): AppError =>
  new AppError('LIMIT_EXCEEDED', `${shownAddress(api)}: ${what}`, {
    hint: 'fetch the files of the model and name their folder',
  })

function parse<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AppError(
    'SCHEMA_INVALID',
    `${shownAddress(source)}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'unexpected answer'}`,
    { hint: HUB_HINT },
  )
}
