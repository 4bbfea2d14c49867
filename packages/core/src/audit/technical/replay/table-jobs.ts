import type { Role } from '../../../model/role.ts'
import { type ModelPair, type ModelPart, normWeights } from '../aligned/folded-layers.ts'
import { columnTaker, type ReplayPair } from '../aligned/replay-rows.ts'
import { rowSource } from '../aligned/row-source.ts'
import { sharedTokens } from '../vocabulary.ts'
import { costOf, inOrder, type Parts, type ReplayJob, type RoleBoth, rowsOf } from './replay-job.ts'
import type { StoredTransform } from './stored-transform.ts'

/** What feeds and leaves the stream outside of the layers: token tables, or a patch embedding. */
export function tableJobs(
  context: ModelPair,
  parts: Parts,
  stored: StoredTransform,
): readonly ReplayJob[] {
  const { width } = stored.parts
  const patches = (['own', 'other'] as const).map((side) =>
    parts[side].roles.find(({ kind, part }) => kind === 'patch' && part === 'weight'),
  )
  const [own, other] = patches
  if (stored.component !== 'language_model') {
    if (!own || !other || own.view.cols !== other.view.cols) return []
    if (own.view.rows !== width.candidate || other.view.rows !== width.reference) return []
    return [patchJob(parts, { own, other })]
  }
  return (['embedding', 'head'] as const).flatMap((kind) => {
    const roles = tablesOf(context, kind)
    if (!roles) return []
    const fits =
      roles.own.view.cols === width.candidate && roles.other.view.cols === width.reference
    const pairs = fits ? tokenPairs(context, roles) : []
    return pairs.length > 0 ? [tableJob(parts, kind, { roles, pairs })] : []
  })
}

function patchJob(parts: Parts, roles: RoleBoth): ReplayJob {
  return {
    kind: 'patch',
    layer: null,
    referenceLayer: null,
    isMapped: true,
    pairs: inOrder(roles.own.view.cols),
    ...costOf(parts, roles, { share: 1 }),
    isDivisible: false,
    open: async () => ({
      own: columnTaker(rowSource(parts.own.model, roles.own)),
      other: columnTaker(rowSource(parts.other.model, roles.other)),
    }),
  }
}

function tablesOf(context: ModelPair, kind: 'embedding' | 'head'): RoleBoth | null {
  const [own, other] = [context.candidateRoles, context.referenceRoles].map(({ roles }) =>
    roles.find(
      (role) => role.component === 'embeddings' && role.kind === kind && role.part === 'weight',
    ),
  )
  return own && other ? { own, other } : null
}

function tokenPairs(context: ModelPair, roles: RoleBoth): readonly ReplayPair[] {
  const tokens = sharedTokens(
    {
      candidate: context.candidate.source.checkpoint,
      reference: context.reference.source.checkpoint,
    },
    { candidate: roles.own.view.rows, reference: roles.other.view.rows },
  )
  return tokens.candidate.map((own, at) => ({ own, other: tokens.reference[at] ?? 0, factor: 1 }))
}

function tableJob(
  parts: Parts,
  kind: 'embedding' | 'head',
  job: { readonly roles: RoleBoth; readonly pairs: readonly ReplayPair[] },
): ReplayJob {
  const { roles, pairs } = job
  // The head reads what the last norm gives; embeddings are written to the stream as they are.
  const open = async (part: ModelPart, role: Role, isWhole: boolean) => {
    const norm = kind === 'head' ? finalNorm(part, role.view.cols) : undefined
    const factors = norm ? await normWeights(part.model, norm) : null
    return rowsOf(part, role, { factors, isWhole })
  }
  return {
    kind,
    layer: null,
    referenceLayer: null,
    isMapped: true,
    pairs,
    ...costOf(parts, roles, { share: pairs.length / roles.own.view.rows }),
    open: async (isWhole) => ({
      own: await open(parts.own, roles.own, isWhole),
      other: await open(parts.other, roles.other, isWhole),
    }),
  }
}

const finalNorm = ({ roles }: ModelPart, width: number): Role | undefined =>
  roles.find(
    ({ kind, part, slot, layer, view }) =>
      kind === 'norm' &&
      part === 'weight' &&
      slot === 'final' &&
      layer === null &&
      view.rows === width,
  )
