import { AppError } from '../../src/base/errors.ts'
import { shownAddress } from './shown-address.ts'

/** What a user wrote in the place of a model. */
export type ModelReference =
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'hub'
      readonly repository: string
      /** Branch, tag or commit; pinned to a commit before anything is read. */
      readonly revision: string
      /** A folder or file inside the repository; '' for all of it. */
      readonly inside: string
    }
  | { readonly kind: 'http'; readonly url: string }

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,95}'
const HUB = new RegExp(
  `^(?:hf://)?(${NAME}/${NAME})(?:@(refs/pr/\\d+|[A-Za-z0-9][A-Za-z0-9._-]{0,99}))?(?:/(.+))?$`,
)

/**
 * `./folder` and anything that exists locally is a path; `org/name`, `org/name@revision` and
 * `hf://org/name@revision` name a model on a hub; `https://…` is a folder or file on a server.
 * Throws AppError USAGE for an address that is neither.
 */
export function parseReference(text: string, existsLocally: boolean): ModelReference {
  if (/^https?:\/\//i.test(text)) {
    if (URL.canParse(text)) return { kind: 'http', url: text }
    throw new AppError('USAGE', `${shownAddress(text)} is not an address`, {
      hint: 'write https://host/folder',
    })
  }
  const isHub = text.startsWith('hf://') || (!existsLocally && HUB.test(text))
  if (!isHub) return { kind: 'path', path: text }
  const [, repository, revision = 'main', inside = ''] = HUB.exec(text) ?? []
  if (repository === undefined || inside.split('/').includes('..')) {
    throw new AppError('USAGE', `${text} is not the name of a model on a hub`, {
      hint: 'write org/name or org/name@commit',
    })
  }
  return { kind: 'hub', repository, revision, inside }
}
