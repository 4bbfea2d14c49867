import { AppError } from '../../../base/errors.ts'
import { quoted } from '../../../base/quoted.ts'
import type { Role } from '../../../model/role.ts'
import { foldedNorm, type ModelPair, type ModelPart, partOf } from '../aligned/folded-layers.ts'
import { columnTaker, type ReplayPair } from '../aligned/replay-rows.ts'
import { rowSource } from '../aligned/row-source.ts'
import { downPairs, type LayerTransform, pairsOf } from '../aligned/transform.ts'
import type { LeftOut } from './replay.ts'
import {
  attentionLayers,
  costOf,
  inOrder,
  type LayerPair,
  type Parts,
  type ReplayJob,
  type RoleBoth,
  rolesOf,
  rowsOf,
} from './replay-job.ts'
import type { StoredTransform } from './stored-transform.ts'
import { tableJobs } from './table-jobs.ts'

/** Both models' part that the transform is of. Throws AppError USAGE where it is not of these models. */
export function partsFor(context: ModelPair, stored: StoredTransform): Parts {
  const own = partOf(context, stored.component, 'candidate')
  const other = partOf(context, stored.component, 'reference')
  if (own && other && own.roles.length > 0 && other.roles.length > 0) return { own, other }
  throw otherModels(
    `one of the models has no component ${quoted(stored.component)}, which the transform is of`,
  )
}

export const otherModels = (what: string): AppError =>
  new AppError('USAGE', what, {
    hint: 'the transform was recovered from other models; the candidate stands first: dokja replay A B TRANSFORM',
  })

export function replayJobs(
  context: ModelPair,
  stored: StoredTransform,
): { readonly jobs: readonly ReplayJob[]; readonly leftOut: readonly LeftOut[] } {
  const parts = partsFor(context, stored)
  const jobs: ReplayJob[] = []
  const leftOut: LeftOut[] = []
  for (const layer of stored.parts.layers) {
    jobs.push(...mlpJobs(parts, layer, stored.parts.width))
  }
  for (const layer of attentionLayers(parts, stored.parts.layers)) {
    for (const kind of ['q', 'k', 'v', 'o'] as const) {
      const job = asStored(parts, layer, { kind, width: stored.parts.width })
      if (job === 'shapes_differ') leftOut.push({ kind, layer: layer.candidate, why: job })
      else if (job) jobs.push(job)
    }
  }
  jobs.push(...tableJobs(context, parts, stored))
  return { jobs, leftOut }
}

type Width = StoredTransform['parts']['width']

const placeText = (layer: number, expert: number | null): string =>
  expert === null ? `layer ${layer}` : `expert ${expert} of layer ${layer}`

/** Gates, up rows and down columns of matched units. */
function mlpJobs(parts: Parts, layer: LayerTransform, width: Width): ReplayJob[] {
  const pairsOfKind = {
    gate: () => pairsOf(layer.match, () => 1),
    up: () => pairsOf(layer.match, (unit) => layer.scales[unit] ?? 0),
    down: () => downPairs(layer),
  } as const
  return (['gate', 'up', 'down'] as const).flatMap((kind) => {
    const roles = rolesOf(parts, kind, layer)
    if (!roles && kind === 'down') return []
    if (!roles) {
      const places = [
        placeText(layer.candidate, layer.expert),
        placeText(layer.reference, layer.referenceExpert),
      ]
      throw otherModels(`${places.join(' and ')} do not both have a ${kind} matrix`)
    }
    const { own, other } = roles
    const units = kind === 'down' ? 'cols' : 'rows'
    const stream = kind === 'down' ? 'rows' : 'cols'
    const highest = layer.match.reduce((most, unit) => Math.max(most, unit), -1)
    const fits =
      own.view[units] === layer.match.length &&
      other.view[units] > highest &&
      own.view[stream] === width.candidate &&
      other.view[stream] === width.reference
    if (!fits) {
      throw otherModels(
        `layer ${layer.candidate}: the transform is of ${layer.match.length} units on ${width.candidate} axes, ${quoted(own.tensor)} has ${own.view[units]} on ${own.view[stream]}; in the reference ${other.view[units]} on ${other.view[stream]}`,
      )
    }
    const job = layerJob(parts, layer, { kind, roles, pairs: pairsOfKind[kind](), isMapped: true })
    const { expert, referenceExpert } = layer
    return [expert === null && referenceExpert === null ? job : { ...job, expert, referenceExpert }]
  })
}

/** What reads or writes the stream beside the units: its other side was not recovered. */
function asStored(
  parts: Parts,
  layer: LayerPair,
  job: { readonly kind: 'q' | 'k' | 'v' | 'o'; readonly width: Width },
): ReplayJob | 'shapes_differ' | null {
  const { kind, width } = job
  const roles = rolesOf(parts, kind, layer)
  if (!roles) return null
  const [own, other] = [roles.own.view, roles.other.view]
  const [stream, inside] = kind === 'o' ? (['rows', 'cols'] as const) : (['cols', 'rows'] as const)
  const fits =
    own[stream] === width.candidate &&
    other[stream] === width.reference &&
    own[inside] === other[inside]
  if (!fits) return 'shapes_differ'
  return layerJob(parts, layer, {
    kind,
    roles,
    pairs: inOrder(own[inside]),
    isMapped: layer.isMapped,
  })
}

function layerJob(
  parts: Parts,
  layer: Pick<LayerPair, 'candidate' | 'reference'>,
  job: {
    readonly kind: 'gate' | 'up' | 'down' | 'q' | 'k' | 'v' | 'o'
    readonly roles: RoleBoth
    readonly pairs: readonly ReplayPair[]
    readonly isMapped: boolean
  },
): ReplayJob {
  const { kind, roles, pairs, isMapped } = job
  const isWriter = kind === 'down' || kind === 'o'
  const open = async (part: ModelPart, role: Role, isWhole: boolean) => {
    if (kind === 'down' || kind === 'o') return columnTaker(rowSource(part.model, role))
    const factors = await foldedNorm(part, kind, role)
    return rowsOf(part, role, { factors, isWhole })
  }
  return {
    kind,
    layer: layer.candidate,
    referenceLayer: layer.reference,
    isMapped,
    pairs,
    ...costOf(parts, roles, { share: isWriter ? 1 : pairs.length / roles.own.view.rows }),
    ...(isWriter ? { isDivisible: false } : {}),
    open: async (isWhole) => ({
      own: await open(parts.own, roles.own, isWhole),
      other: await open(parts.other, roles.other, isWhole),
    }),
  }
}
