import type { Piece } from '../messages/template.ts'
import { visibleWithin } from '../visible.ts'
import { type Html, html } from './markup.ts'

const OUTSIDE: ReadonlySet<Piece['kind']> = new Set(['name', 'list', 'component'])

/**
 * A filled sentence as markup. Names from outside are isolated, so that right-to-left letters in
 * them cannot reorder our words around them; powers of ten are set as powers.
 */
export function sentence(pieces: readonly Piece[]): Html {
  return html`${pieces.map((piece) => {
    if (OUTSIDE.has(piece.kind)) return html`<bdi class="${piece.kind}">${piece.text}</bdi>`
    if (piece.kind === 'chance') return html`<span class="quantity">${powers(piece.text)}</span>`
    return piece.text
  })}`
}

/** '1 in 10^231' with a raised exponent; read aloud and copied it stays a power. */
export function powers(text: string): Html {
  const match = /^(.*)10\^(\d+)(.*)$/su.exec(text)
  if (!match) return html`${text}`
  const [, before = '', exponent = '', after = ''] = match
  return html`${before}10<span class="caret">^</span><sup>${exponent}</sup>${after}`
}

/** A name from outside on its own, shortened in the middle when it is very long. */
export function name(text: string): Html {
  return html`<bdi class="name">${visibleWithin(text, 240)}</bdi>`
}
