import type { Language } from '../messages/language.ts'
import { fill, type Message, type Piece, plainText, type Values } from '../messages/template.ts'

const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** How parts of the candidate lie in its references: layers, experts, axes, parents. */
export const STRUCTURE_WORDS = {
  title: words('참조 모델의 어디에서 왔는가', 'Where it lies in the reference'),
  layers: {
    values: { map: 'name' },
    ko: '층 대응(심사 대상 → 참조 모델): {map}.',
    en: 'Layers (candidate → reference): {map}.',
  },
  experts: {
    values: { layer: 'count', map: 'name' },
    ko: '{layer}번 층의 전문가: {map}.',
    en: 'Experts of layer {layer}: {map}.',
  },
  dense: words('전문가가 아닌 MLP', 'the dense MLP'),
  axes_identity: words('잔차 축은 그대로입니다.', 'The residual axes are as they were.'),
  axes_signed_permutation: {
    values: { matched: 'count', of: 'count' },
    ko: '잔차 축의 순서와 부호가 바뀌었습니다. {of}개 가운데 {matched}개를 되찾았습니다.',
    en: 'The residual axes were reordered and negated; {matched} of {of} were recovered.',
  },
  axes_rotation: {
    values: { of: 'count' },
    ko: '{of}차원의 잔차 공간이 회전되었고 그 회전을 되찾았습니다.',
    en: 'The residual space of {of} dimensions was rotated, and the rotation was recovered.',
  },
  axes_rotation_part: {
    values: { matched: 'count', of: 'count' },
    ko: '{of}차원의 잔차 공간에서 {matched}차원만 남아 회전되었고 그 회전을 되찾았습니다.',
    en: 'Of the {of} dimensions of the residual space {matched} are left, rotated, and the rotation was recovered.',
  },
  units: {
    values: { matched: 'count', of: 'count', layers: 'count' },
    ko: '{layers}개 층의 은닉 단위 {of}개 가운데 {matched}개의 짝과 부호, 배율을 되찾았습니다.',
    en: 'Of the {of} hidden units of {layers} {layers#layer|layers}, {matched} were paired again, with sign and scale.',
  },
  units_sampled: {
    values: { matched: 'count', of: 'count', layers: 'count', most: 'count' },
    ko: '{layers}개 층의 은닉 단위 {of}개 가운데 {matched}개의 짝을, 그중 층마다 많아야 {most}개의 부호와 배율을 되찾았습니다.',
    en: 'Of the {of} hidden units of {layers} {layers#layer|layers}, {matched} were paired again, at most {most} of each layer with sign and scale.',
  },
  transform: words('되찾은 변환', 'The recovered transform'),
  unit_layers: words('층별 은닉 단위', 'Hidden units by layer'),
  own_layer: words('심사 대상의 층', 'Layer of the candidate'),
  other_layer: words('참조 모델의 층', 'Layer of the reference'),
  paired: words('짝을 찾은 단위', 'Units paired'),
  file: {
    values: { name: 'name', sizeBytes: 'bytes' },
    ko: '변환 전체는 보고서 옆의 {name}({sizeBytes})에 있고, dokja replay로 누구나 다시 적용해 볼 수 있습니다.',
    en: 'The whole transform is in {name} ({sizeBytes}) beside the report; with dokja replay anybody can apply it again.',
  },
  file_digest: words('그 파일의 SHA-256', 'SHA-256 of the file'),
  held_out: {
    values: { correlation: 'correlation', error: 'correlation' },
    ko: '되찾을 때 보지 않은 가중치(down)에 적용하면 상관이 {correlation}, 상대 오차가 {error}입니다.',
    en: 'Replayed on weights that the recovery has not seen (down), it correlates at {correlation} with a relative error of {error}.',
  },
  merges: words('여러 모델의 혼합', 'A mixture of models'),
  linear: {
    values: { component: 'component', parents: 'list', gain: 'fraction' },
    ko: '{component}: {parents}의 가중 합으로 설명됩니다. 가장 가까운 하나만으로 남는 차이의 {gain}을 혼합이 설명합니다.',
    en: '{component}: a weighted sum of {parents}. The mixture explains {gain} of what the closest parent alone leaves.',
  },
  slerp: {
    values: { component: 'component', parents: 'list', gain: 'fraction' },
    ko: '{component}: 두 모델을 잇는 호 위에 있습니다(구면 보간). 자리는 {parents}입니다. 가까운 쪽 하나만으로 남는 차이의 {gain}을 혼합이 설명합니다.',
    en: '{component}: on the arc between two models (spherical interpolation), at {parents}. The mixture explains {gain} of what the closer parent alone leaves.',
  },
  passthrough: {
    values: { component: 'component', parents: 'list' },
    ko: '{component}: 층마다 다른 모델에서 가져와 이어 붙였습니다. 행렬의 비율은 {parents}입니다.',
    en: '{component}: stacked from layers of several models. Shares of the matrices: {parents}.',
  },
  merges_caption: words('층마다의 비율', 'Weights by layer'),
  layer: words('층', 'Layer'),
  kind: words('행렬', 'Matrix'),
} as const satisfies Record<string, Message>

export type StructureWord = keyof typeof STRUCTURE_WORDS

/** The same, cut where values stand. */
export function structurePhrase(
  key: StructureWord,
  language: Language,
  values: Values = {},
): readonly Piece[] {
  return fill(STRUCTURE_WORDS[key], language, values)
}

export function structureWords(
  key: StructureWord,
  language: Language,
  values: Values = {},
): string {
  return plainText(structurePhrase(key, language, values))
}
