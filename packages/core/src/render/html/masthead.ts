import { pageWords } from '../messages/page-words.ts'
import { type Html, type HtmlValue, html } from './markup.ts'
import type { SectionContext } from './parts.ts'

/** A term and what stands behind it, at the head of a report. */
export type Fact = readonly [string, HtmlValue]

export function masthead(title: string, facts: readonly Fact[]): Html {
  return html`<header class="masthead"><h1>${title}</h1>
<dl class="facts-list">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></header>`
}

/** Links to the sections of a report: id and title of each. */
export function contentsList(
  sections: readonly (readonly [string, string])[],
  { language, prefix }: SectionContext,
): Html {
  const label = pageWords('contents', language)
  return html`<nav class="contents" aria-label="${label}"><ol>${sections.map(
    ([id, title]) => html`<li><a href="#${prefix}-${id}">${title}</a></li>`,
  )}</ol></nav>`
}
