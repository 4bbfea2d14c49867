import type {
  LayerReplay,
  LeftOut,
  Replay,
  ReplayedKind,
} from '../../audit/technical/replay/replay.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { formatCorrelation, formatCount, NO_BREAK } from '../messages/quantity.ts'
import { say } from '../messages/report-words.ts'
import { type Style, styleFor } from '../terminal/style.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { padToWidth, wrapToWidth } from '../terminal/width.ts'
import type { TerminalOptions } from '../terminal.ts'
import { visibleWithin } from '../visible.ts'
import { BASIS_MARK, KIND_WORDS, OUTCOME_MARK, replayWords } from './replay-words.ts'

const WIDEST = 100
const NARROWEST = 32
const LABEL_COLUMNS = 12
const LAYERS_SHOWN = 40
const IN_PLACE = ' °'
/** Recovered rotations are within 1e-6, directions that embeddings hardly span apart. */
const ROTATION_GAP_MAX = 0.1

type Page = { readonly language: Language; readonly style: Style; readonly width: number }

/** A replay as text for a terminal, ending in a line feed. */
export function renderReplay(replay: Replay, options: TerminalOptions): string {
  const page: Page = {
    language: options.language,
    style: styleFor(options.color),
    width: Math.max(NARROWEST, Math.min(WIDEST, Math.floor(options.width))),
  }
  const { language, style, width } = page
  const { candidate, reference } = replay.transform
  const paragraph = (text: string) => wrapToWidth(text, width)
  const isNamedOtherwise = candidate !== replay.candidate || reference !== replay.reference
  const sections: readonly (readonly string[])[] = [
    [style.bold(replayWords('title', language))],
    identityLines(replay, page),
    isNamedOtherwise
      ? paragraph(replayWords('recovered_from', language, { candidate, reference }))
      : [],
    statement(replay, page),
    cautions(replay, page),
    kindTable(replay, page),
    layerTable(replay.layers, page),
    leftOutLines(replay, page),
    [
      ...paragraph(replayWords('limit', language)),
      ...paragraph(replayWords('read', language, replay.bytesRead)).map(style.dim),
    ],
  ]
  const filled = sections.filter((lines) => lines.length > 0)
  return `${filled
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .replaceAll(NO_BREAK, ' ')}\n`
}

function identityLines(replay: Replay, { language, width }: Page): readonly string[] {
  const { component, kind } = replay.transform
  const labelled = (label: string, text: string) =>
    wrapToWidth(text, width - LABEL_COLUMNS).map(
      (line, at) => padToWidth(at === 0 ? label : '', LABEL_COLUMNS, 'left') + line,
    )
  return [
    ...labelled(say('candidate', language), visibleWithin(replay.candidate, 240)),
    ...labelled(say('reference', language), visibleWithin(replay.reference, 240)),
    ...labelled(
      replayWords('transform', language),
      `${visibleWithin(componentName(component, language), 120)}, ${replayWords(kind, language)}`,
    ),
  ]
}

function statement({ outcome, stated, replayed }: Replay, page: Page): readonly string[] {
  const { language, style, width } = page
  const text = replayWords(outcome, language, {
    ...(replayed ?? {}),
    ...(stated ? { statedCorrelation: stated.correlation, statedError: stated.error } : {}),
  })
  const paint = {
    reproduced: style.plain,
    not_reproduced: style.strong,
    not_determinable: style.caution,
  }[outcome]
  return wrapToWidth(`${OUTCOME_MARK[outcome]} ${text}`, width).map((line) =>
    style.bold(paint(line)),
  )
}

function cautions({ rotationGap }: Replay, { language, style, width }: Page): readonly string[] {
  if (rotationGap === null || rotationGap <= ROTATION_GAP_MAX) return []
  const text = replayWords('no_rotation', language, { gap: rotationGap })
  return wrapToWidth(text, width).map(style.caution)
}

function kindTable({ kinds }: Replay, page: Page): readonly string[] {
  const { language, style, width } = page
  const columns: readonly Column[] = [
    { title: '', align: 'left' },
    { title: replayWords('matrix', language), align: 'left' },
    { title: replayWords('seen', language), align: 'left' },
    { title: replayWords('correlation', language), align: 'right' },
    { title: replayWords('error', language), align: 'right' },
    { title: replayWords('values', language), align: 'right' },
  ]
  const rows = kinds.map(({ kind, basis, heldOut, correlation, error, values }) => ({
    paint: style.plain,
    cells: [
      '',
      KIND_WORDS[kind][language] + BASIS_MARK[basis],
      replayWords(heldOut ? 'held_out' : 'looked_at', language),
      figure(correlation, language),
      figure(error, language),
      formatCount(values),
    ],
  }))
  const notes = [
    replayWords('error_note', language),
    ...(['as_stored', 'invariant'] as const).flatMap((basis) =>
      kinds.some((one) => one.basis === basis) ? [replayWords(basis, language)] : [],
    ),
  ]
  return [
    style.bold(replayWords('matrices', language)),
    ...renderTable(columns, rows, { width, head: style.bold }),
    ...notes.flatMap((note) => wrapToWidth(note, width)).map(style.dim),
  ]
}

const figure = (value: number | null, language: Language): string =>
  value === null ? say('none', language) : formatCorrelation(value)

/** Layers, with their experts behind a stroke: 3/0 → 3. */
function placeText({ layer, referenceLayer, expert, referenceExpert }: LayerReplay): string {
  const text = (at: number | null, of: number | null | undefined) =>
    typeof of === 'number' ? `${at}/${of}` : String(at)
  return `${text(layer, expert)} → ${text(referenceLayer, referenceExpert)}`
}

/** Rows are layers, columns are matrices. */
function layerTable(layers: readonly LayerReplay[], page: Page): readonly string[] {
  const { language, style, width } = page
  const inside = layers.filter(({ layer }) => layer !== null)
  const kinds = [...new Set(inside.map(({ kind }) => kind))]
  const places = [...Map.groupBy(inside, placeText).entries()]
  if (places.length === 0) return []
  const columns: readonly Column[] = [
    { title: '', align: 'left' },
    { title: replayWords('layer', language), align: 'left' },
    ...kinds.map((kind) => ({ title: kind, align: 'right' }) as const),
  ]
  const rows = places.slice(0, LAYERS_SHOWN).map(([place, own]) => ({
    paint: style.plain,
    cells: [
      '',
      `${place}${own[0]?.isMapped ? '' : IN_PLACE}`,
      ...kinds.map((kind) =>
        figure(own.find((one) => one.kind === kind)?.correlation ?? null, language),
      ),
    ],
  }))
  const isExtended = inside.some(({ isMapped }) => !isMapped)
  const hidden = places.length - rows.length
  return [
    ...wrapToWidth(replayWords('by_layer', language), width).map(style.bold),
    ...renderTable(columns, rows, { width, head: style.bold }),
    ...(hidden > 0
      ? wrapToWidth(replayWords('more_layers', language, { count: hidden }), width)
      : []),
    ...(isExtended ? wrapToWidth(replayWords('in_place', language), width).map(style.dim) : []),
  ]
}

function leftOutLines({ leftOut, layers }: Replay, page: Page): readonly string[] {
  const { language, style, width } = page
  const named = (kinds: readonly ReplayedKind[]) =>
    [...new Set(kinds)].map((kind) => KIND_WORDS[kind][language]).join(', ')
  const of = (why: LeftOut['why']) =>
    leftOut.filter((one) => one.why === why).map(({ kind }) => kind)
  const partial = layers.filter(({ compared, of: all }) => compared < all).map(({ kind }) => kind)
  const lines = [
    ['in_part', partial],
    ['over_budget', of('over_budget')],
    ['shapes_differ', of('shapes_differ')],
  ] as const
  return lines
    .filter(([, kinds]) => kinds.length > 0)
    .flatMap(([key, kinds]) =>
      wrapToWidth(replayWords(key, language, { kinds: named(kinds) }), width),
    )
    .map(style.dim)
}
