import type { ComponentRead, FullRead } from '../../audit/full-read/full-read.ts'
import type { Comparison } from '../../audit/result.ts'
import { type Html, html } from '../html/markup.ts'
import { cardTable, NO_VALUE, type SectionContext, type TableColumn } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { formatBytes, formatCorrelation, formatCount } from '../messages/quantity.ts'
import { say } from '../messages/report-words.ts'
import { type Page, paragraph, type Section, titled } from '../terminal/sections.ts'
import { renderTable } from '../terminal/table.ts'
import { visibleWithin } from '../visible.ts'
import { fullReadWords } from './full-read-words.ts'

/** A full read as lines of a terminal: one row for each component, nothing that decides. */
export function fullReadLines(one: Comparison, page: Page): Section {
  const read = one.fullRead
  if (!read) return []
  const { language, style, width } = page
  const table = renderTable(
    (['component', 'identical', 'alone', 'cosine', 'pearson'] as const).map((key, at) => ({
      title: fullReadWords(key, language),
      align: at === 0 ? 'left' : 'right',
    })),
    read.components.map((component) => ({
      cells: cellsOf(component, language),
      paint: (text: string) => text,
    })),
    { width, head: style.dim },
  )
  const lines = [
    ...paragraph(fullReadWords('intro', language, read.bytesRead), page),
    ...table,
    ...warnings(read, language).flatMap((text) => paragraph(text, page)),
    ...paragraph(fullReadWords('digests_in_json', language), page),
  ]
  return titled(titleOf(one, language), lines, page)
}

/** The same inside a page, with the digests of all files behind a summary. */
export function fullReadBlock(one: Comparison, context: SectionContext): Html | null {
  const read = one.fullRead
  if (!read) return null
  const { language } = context
  const columns: readonly TableColumn[] = [
    { title: fullReadWords('component', language) },
    ...(['identical', 'alone', 'cosine', 'pearson'] as const).map(
      (key): TableColumn => ({ title: fullReadWords(key, language), kind: 'number' }),
    ),
  ]
  const rows = read.components.map((component) => cellsOf(component, language))
  return html`<h3>${titleOf(one, language)}</h3>
<p>${fullReadWords('intro', language, read.bytesRead)}</p>
${cardTable({ caption: fullReadWords('caption', language), columns }, rows)}
${warnings(read, language).map((text) => html`<p>${text}</p>`)}
<details class="numbers"><summary>${fullReadWords('digests', language)}</summary>
${(['candidate', 'reference'] as const).map((side) => digestTable(one, read.files[side], { side, language }))}</details>`
}

const titleOf = ({ reference }: Comparison, language: Language): string =>
  fullReadWords('title', language, { reference: visibleWithin(reference.id, 80) })

function cellsOf(component: ComponentRead, language: Language): string[] {
  const { tensors, compared, identical, cosine, pearson } = component
  return [
    componentName(component.component, language),
    fullReadWords('identical_of', language, { identical, compared }),
    formatCount(tensors - compared),
    cosine === null ? NO_VALUE : formatCorrelation(cosine),
    pearson === null ? NO_VALUE : formatCorrelation(pearson),
  ]
}

function warnings(read: FullRead, language: Language): readonly string[] {
  const odd = read.tensors.filter(({ allFinite }) => !allFinite)
  const first = odd[0]?.tensor
  return first === undefined
    ? []
    : [fullReadWords('not_finite', language, { tensors: odd.length, first })]
}

function digestTable(
  one: Comparison,
  files: FullRead['files']['candidate'],
  { side, language }: { readonly side: 'candidate' | 'reference'; readonly language: Language },
): Html {
  const columns: readonly TableColumn[] = [
    { title: fullReadWords('file', language) },
    { title: 'SHA-256', kind: 'wide' },
    { title: fullReadWords('size', language), kind: 'number' },
  ]
  const rows = files.map(({ path, digest, sizeBytes }) => [
    name(path),
    html`<code>${digest.slice('sha256:'.length)}</code>`,
    formatBytes(sizeBytes, language),
  ])
  const caption = `${say(side, language)}: ${visibleWithin(one[side].id, 80)}`
  return cardTable({ caption, columns, isCaptionShown: true }, rows)
}
