import type { Outcome, Verdict } from '../../audit/result.ts'

type Paint = (text: string) => string

/** How text is emphasised. Every meaning is also in words: without colour nothing is lost. */
export type Style = {
  readonly bold: Paint
  readonly dim: Paint
  readonly strong: Paint
  readonly caution: Paint
  readonly plain: Paint
}

const plain: Paint = (text) => text

const sgr =
  (on: string, off: string): Paint =>
  (text) =>
    text === '' ? text : `\u001b[${on}m${text}\u001b[${off}m`

export function styleFor(color: boolean): Style {
  if (!color) return { bold: plain, dim: plain, strong: plain, caution: plain, plain }
  return {
    bold: sgr('1', '22'),
    dim: sgr('2', '22'),
    strong: sgr('1;31', '22;39'),
    caution: sgr('33', '39'),
    plain,
  }
}

/** Nothing is green: the absence of evidence is not a seal of approval. */
export function verdictPaint(verdict: Verdict, style: Style): Paint {
  switch (verdict) {
    case 'identical':
    case 'reencoded':
    case 'derived':
    case 'derived_obfuscated':
      return style.strong
    case 'common_origin':
    case 'shared_initialisation':
      return style.caution
    case 'not_testable':
      return style.dim
    case 'no_evidence':
      return style.plain
  }
}

export function outcomePaint(outcome: Outcome, style: Style): Paint {
  if (outcome === 'not_met') return style.strong
  return outcome === 'not_determinable' ? style.caution : style.plain
}
