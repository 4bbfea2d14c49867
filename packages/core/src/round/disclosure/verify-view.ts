import { canonicalJson, type JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import { hashOfLeaf, type Opening } from './leaves.ts'
import { rootFromPath } from './merkle.ts'
import { type ProvenView, provenViewSchema } from './view-schema.ts'

export type ViewVerification = {
  readonly kind: 'verified' | 'failed'
  readonly audience: ProvenView['audience']
  readonly root: string
  /** Values of the view that were led back to the root. */
  readonly proven: number
  /** Everything that does not hold, in plain words. Empty when verified. */
  readonly failures: readonly string[]
}

/** Reads a view from bytes. Throws AppError JSON_INVALID or SCHEMA_INVALID. */
export function readView(bytes: Uint8Array, source: string): ProvenView {
  const parsed = provenViewSchema.safeParse(parseStrictJson(bytes, { source }))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const message = `${source} is not a view: ${issue?.path.join('.')}: ${issue?.message}`
  throw new AppError('SCHEMA_INVALID', message, {
    cause: parsed.error,
    hint: '`dokja round publish DIR` writes views into DIR/published',
  })
}

/**
 * Whether every number that a view shows is inside the root that the public view carries. Needs
 * nothing but the two views. `root` may also be a digest that was printed somewhere else.
 */
export function verifyView(
  view: ProvenView,
  against: { readonly root: string; readonly planDigest?: string; readonly leaves?: number },
): ViewVerification {
  const { commitment } = view
  const failures: string[] = []
  if (commitment.root !== against.root) {
    failures.push(`the view names the root ${commitment.root}, the public one is ${against.root}`)
  }
  if (against.planDigest !== undefined && commitment.planDigest !== against.planDigest) {
    failures.push(`the view is about the plan ${commitment.planDigest}, not ${against.planDigest}`)
  }
  if (against.leaves !== undefined && commitment.leaves !== against.leaves) {
    failures.push(`the view counts ${commitment.leaves} leaves, the public one ${against.leaves}`)
  }
  const openings = new Map<string, Opening>()
  for (const opening of view.openings) {
    const name = nameOf(opening.leaf)
    const failure = openingFailure(opening, { view, root: against.root })
    if (failure) failures.push(`${name}: ${failure}`)
    else if (openings.has(name)) failures.push(`${name}: proven twice`)
    openings.set(name, opening)
  }
  let proven = 0
  for (const { team, item, value } of shownValues(view)) {
    const opening = openings.get(nameOf({ team, item }))
    if (!opening) failures.push(`${nameOf({ team, item })}: shown without a proof`)
    else if (canonicalJson(opening.leaf.value) !== canonicalJson(value)) {
      failures.push(`${nameOf({ team, item })}: shown is another value than the one proven`)
    } else proven += 1
  }
  if (proven === 0 && failures.length === 0) failures.push('the view shows nothing that is proven')
  return {
    kind: failures.length === 0 ? 'verified' : 'failed',
    audience: view.audience,
    root: against.root,
    proven,
    failures,
  }
}

function openingFailure(
  opening: Opening,
  context: { readonly view: ProvenView; readonly root: string },
): string | undefined {
  const { commitment } = context.view
  if (opening.leaf.plan !== commitment.planDigest) return 'the leaf belongs to another plan'
  const root = rootFromPath(hashOfLeaf(opening.leaf), opening.path, {
    index: opening.index,
    size: commitment.leaves,
  })
  return `sha256:${root}` === context.root
    ? undefined
    : 'value, salt and path do not lead to the root'
}

type ShownValue = { readonly team: string; readonly item: string; readonly value: JsonValue }

/** Every value of the scoreboard that the view puts before a reader. */
function shownValues(view: ProvenView): ShownValue[] {
  const own = (
    team: string,
    item: string,
    value: { readonly state: 'shown'; readonly value: JsonValue } | { readonly state: 'withheld' },
  ): ShownValue[] => (value.state === 'shown' ? [{ team, item, value: value.value }] : [])
  const parts = (team: string, entries: ProvenView['teams'][number]['parts']): ShownValue[] =>
    entries.flatMap((entry) => [
      ...own(team, `part/${entry.part}`, entry.score),
      ...parts(team, entry.parts),
    ])
  return view.teams.flatMap(({ team, ...shown }) => [
    ...parts(team, shown.parts),
    ...own(team, 'total', shown.total),
    ...own(team, 'rank', shown.rank),
    ...own(team, 'gate', shown.gate),
    ...own(team, 'advances', shown.advances),
  ])
}

const nameOf = ({ team, item }: { readonly team: string; readonly item: string }): string =>
  team === '' ? item : `${team} ${item}`
