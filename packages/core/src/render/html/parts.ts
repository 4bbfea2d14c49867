import type { Outcome, Verdict } from '../../audit/result.ts'
import { OUTCOME_WORDS } from '../messages/criteria.ts'
import type { Language } from '../messages/language.ts'
import { pageWords } from '../messages/page-words.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import { type Html, type HtmlValue, html } from './markup.ts'

/** What every section needs to know: its language, and a prefix that keeps ids apart. */
export type SectionContext = { readonly language: Language; readonly prefix: string }

export type Tone = 'strong' | 'caution' | 'none' | 'open'

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  identical: 'strong',
  reencoded: 'strong',
  derived: 'strong',
  derived_obfuscated: 'strong',
  common_origin: 'caution',
  shared_initialisation: 'caution',
  no_evidence: 'none',
  not_testable: 'open',
}

const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = {
  met: 'none',
  not_met: 'strong',
  not_determinable: 'open',
}

// A shape beside each word: the tone is never told by colour alone.
const SHAPES: Readonly<Record<Tone, string>> = {
  strong: '■',
  caution: '◆',
  none: '○',
  open: '?',
}

export const verdictTone = (verdict: Verdict): Tone => VERDICT_TONES[verdict]

export function verdictChip(verdict: Verdict, language: Language): Html {
  return chip(VERDICT_TONES[verdict], VERDICT_WORDS[verdict].name[language])
}

export function outcomeChip(outcome: Outcome, language: Language): Html {
  return chip(OUTCOME_TONES[outcome], OUTCOME_WORDS[outcome].name[language])
}

/** A word in a frame; the shape beside it tells the tone without colour. */
export function chip(tone: Tone, text: string): Html {
  return html`<span class="chip ${tone}"><span class="shape" aria-hidden="true">${SHAPES[tone]}</span>${text}</span>`
}

/** A numbered section with an id that links can name. */
export function section(
  options: { readonly id: string; readonly title: string } & SectionContext,
  body: HtmlValue,
): Html {
  const id = `${options.prefix}-${options.id}`
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${options.title}</h2>
${body}
</section>
`
}

export type TableColumn = { readonly title: HtmlValue; readonly kind?: 'number' | 'wide' }

/**
 * What may be wider than its window, in a frame of its own that scrolls sideways, takes the keyboard
 * and says its name. Shadows at its edges show that there is more; the script adds the hint in words.
 */
export function scrollBox(
  { label, language, kind = '' }: { label: string; language: Language; kind?: string },
  body: HtmlValue,
): Html {
  return html`<div class="scroll${kind}" role="region" tabindex="0" aria-label="${label}" data-hint="${pageWords('scroll_hint', language)}">${body}</div>`
}

/** A cell that has nothing to say; on a narrow screen it is left out. */
export const NO_VALUE = '-'

/**
 * A table that becomes one card per row on a narrow screen. The roles are spelled out because
 * browsers drop the semantics of a table whose parts are laid out as blocks.
 */
export function cardTable(
  options: {
    readonly caption: string
    readonly columns: readonly TableColumn[]
    /** For a table under no heading of its own. */
    readonly isCaptionShown?: boolean
  },
  rows: readonly (readonly HtmlValue[])[],
): Html {
  const { caption, columns, isCaptionShown = false } = options
  return html`<table class="cards" role="table" aria-colcount="${columns.length}"><caption class="${isCaptionShown ? 'shown' : 'unseen'}">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    (column) =>
      html`<th role="columnheader" scope="col" class="${column.kind ?? 'text'}">${column.title}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (cells) => html`<tr role="row">${cells.map((cell, at) => {
      const column = columns[at]
      const kind = `${column?.kind ?? 'text'}${cell === NO_VALUE ? ' blank' : ''}`
      // The index keeps a cell under its heading where a blank one before it is left out.
      if (at === 0) return html`<th role="rowheader" scope="row" aria-colindex="1">${cell}</th>`
      return html`<td role="cell" aria-colindex="${at + 1}" class="${kind}"><span class="card-label" aria-hidden="true">${column?.title}</span><span class="card-value">${cell}</span></td>`
    })}</tr>
`,
  )}</tbody></table>`
}
