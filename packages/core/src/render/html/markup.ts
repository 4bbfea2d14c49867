import { visible } from '../visible.ts'

/** Markup that is safe to put into a page. Only `html` below makes it. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

export type HtmlValue = Html | string | number | null | undefined | readonly HtmlValue[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Builds markup: everything interpolated is escaped unless it is markup itself, for text and for
 * quoted attributes alike. Places in templates must be text or inside double quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = strings[0] ?? ''
  values.forEach((value, at) => {
    markup += write(value) + (strings[at + 1] ?? '')
  })
  return new Html(markup)
}

function write(value: HtmlValue): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return escapeText(String(value))
  return value.map(write).join('')
}

/** Text for an element or a quoted attribute; invisible and reordering characters are shown. */
export function escapeText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' ? character : visible(character),
    )
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** A list, or nothing where there is nothing to list. */
export function listOf(parts: readonly HtmlValue[], className: string): Html | null {
  if (parts.length === 0) return null
  return html`<ul class="${className}">${parts.map((part) => html`<li>${part}</li>`)}</ul>`
}
