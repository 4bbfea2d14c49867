import type { Atlas, AtlasEdge } from '../../audit/registry/atlas.ts'
import type { SectionContext } from '../html/parts.ts'
import type { Language } from '../messages/language.ts'
import { say } from '../messages/report-words.ts'
import { plainText } from '../messages/template.ts'
import { registryPieces } from './registry-words.ts'

/** Where the evidence of a line stands in the page. */
export const edgeId = (context: SectionContext, edge: AtlasEdge): string =>
  `${context.prefix}-edge-${edge.first}-${edge.second}`

/** Both models, the claimed parent first. */
export const edgeName = (atlas: Atlas, edge: AtlasEdge, context: SectionContext): string =>
  plainText(edgePieces(atlas, edge, context))

export function edgePieces(atlas: Atlas, edge: AtlasEdge, { language }: SectionContext) {
  const name = (model: number) => atlas.models[model]?.source.id ?? ''
  const isTurned = edge.claimedParent === 'second'
  const [first, second] = isTurned ? [edge.second, edge.first] : [edge.first, edge.second]
  const key = edge.claimedParent === null ? 'edge' : 'edge_claimed'
  return registryPieces(key, language, { first: name(first), second: name(second) })
}

/** Format, architecture, size and layers of a model of the registry. */
export function modelFacts(atlas: Atlas, model: number, language: Language): string {
  const facts = atlas.models[model]?.model
  if (!facts) return ''
  return say('identity', language, {
    format: facts.format,
    modelType: facts.modelType ?? say('unknown_type', language),
    parameters: facts.parameters,
    layers: facts.layerCount,
  })
}
