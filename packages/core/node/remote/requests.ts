import { AppError } from '../../src/base/errors.ts'
import type { HttpAnswer, HttpRequest } from './http-client.ts'
import { brokenConnection, type Obstacle, obstacleOf, Patience } from './patience.ts'
import type { RemoteAccess } from './remote-access.ts'
import { shownAddress } from './shown-address.ts'

const REDIRECTS_MAX = 5

/** Follows redirects; credentials go to their own origin only. */
export async function follow(
  access: RemoteAccess,
  start: string,
  request: HttpRequest,
): Promise<{ readonly answer: HttpAnswer; readonly url: string }> {
  let url = start
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const isOwn = new URL(url).origin === access.authorization?.origin
    const headers = {
      ...request.headers,
      ...(isOwn && access.authorization ? { authorization: access.authorization.header } : {}),
    }
    const answer = await access.client.send(url, { ...request, headers })
    refuseCompressed(answer, url)
    const next = answer.headers['location']
    if (answer.status < 300 || answer.status >= 400 || next === undefined) return { answer, url }
    url = redirected(url, next)
  }
  throw new AppError(
    'UNREADABLE',
    `${shownAddress(start)} leads on more than ${REDIRECTS_MAX} times`,
    { hint: 'name the address that it should lead to' },
  )
}

/** Of a compressed body neither the length nor a range is one of the file. */
function refuseCompressed({ headers }: HttpAnswer, url: string): void {
  if (!/\b(gzip|deflate|compress|br|zstd)\b/i.test(headers['content-encoding'] ?? '')) return
  throw new AppError(
    'UNREADABLE',
    `${shownAddress(url)}: the server compresses its answers, although it was asked not to`,
    { hint: 'have it send files as they are, or fetch the model and name its folder' },
  )
}

function redirected(from: string, to: string): string {
  if (!URL.canParse(to, from)) {
    throw new AppError('UNREADABLE', `${shownAddress(from)} leads to what is no address`, {
      hint: 'the server is set up wrongly: name the address that it should lead to',
    })
  }
  const target = new URL(to, from)
  if (target.protocol !== 'https:' && target.protocol !== 'http:') {
    throw new AppError(
      'UNREADABLE',
      `${shownAddress(from)} leads to ${shownAddress(target.href)}, and only http and https addresses are read`,
      { hint: 'the server is set up wrongly: name the address that it should lead to' },
    )
  }
  if (new URL(from).protocol === 'https:' && target.protocol === 'http:') {
    throw new AppError('UNREADABLE', `${shownAddress(from)} leads from https to http`, {
      hint: 'the server is set up wrongly, or somebody is in between',
    })
  }
  return target.href
}

/**
 * One small answer, repeated when the server asks to wait or the connection breaks. Any status
 * that waiting will not change is the caller's to judge. Throws AppError UNREADABLE, LIMIT_EXCEEDED.
 */
export async function fetchSmall(
  access: RemoteAccess,
  address: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const patience = new Patience(access, address)
  for (;;) {
    const outcome = await attempt(access, address, request)
    if ('status' in outcome) return refuseCut(outcome, address, request)
    const reason = await patience.wait(outcome)
    if (reason === undefined) continue
    throw new AppError('UNREADABLE', `${shownAddress(address)}: ${reason}`, {
      hint: outcome.isSlowDown ? RUN_AGAIN_HINT : CONNECTION_HINT,
    })
  }
}

export const RUN_AGAIN_HINT = 'run again later: what was read is kept, and it goes on from there'
const CONNECTION_HINT =
  'is the name right, and is there a connection? a local folder would be read from disk'

async function attempt(
  access: RemoteAccess,
  address: string,
  request: HttpRequest,
): Promise<HttpAnswer | Obstacle> {
  try {
    const { answer, url } = await follow(access, address, request)
    return obstacleOf(answer, new URL(url).host) ?? answer
  } catch (error) {
    if (error instanceof AppError) throw error
    const obstacle = brokenConnection(error)
    // A name that does not exist will not exist in a second either.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND')) return obstacle
    throw new AppError('UNREADABLE', `${shownAddress(address)}: ${obstacle.reason}`, {
      cause: error,
      hint: CONNECTION_HINT,
    })
  }
}

function refuseCut(answer: HttpAnswer, address: string, request: HttpRequest): HttpAnswer {
  if (!answer.isCut || answer.status !== 200) return answer
  throw new AppError(
    'LIMIT_EXCEEDED',
    `${shownAddress(address)}: an answer of more than ${request.maxBytes} bytes`,
    { hint: 'the server sent more than was asked for' },
  )
}
