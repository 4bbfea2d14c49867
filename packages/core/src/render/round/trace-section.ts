import type { ShownTrace } from '../../round/disclosure/redact-trace.ts'
import type { PartView, RoundView } from '../../round/disclosure/view.ts'
import type { RowReference } from '../../round/score/trace.ts'
import { type Html, type HtmlValue, html } from '../html/markup.ts'
import { section } from '../html/parts.ts'
import { isSimulated, localText, partName, type RoundContext, tagIf, teamName } from './pieces.ts'
import { ruleWords } from './rule-words.ts'
import { koreanTrace } from './sentences-ko.ts'

/** Every figure of every team, folded, down to rules and lines of files. */
export function tracesSection(context: RoundContext): Html {
  const { language, view } = context
  const title = ruleWords('traces', language)
  const shown = view.teams.filter((team) => hasTrace(team))
  if (shown.length === 0) {
    const body = html`<p>${ruleWords('traces_withheld', language)}</p>`
    return section({ ...context, id: 'traces', title }, body)
  }
  return section(
    { ...context, id: 'traces', title },
    html`<p class="lead">${ruleWords('traces_intro', language)}</p>
${shown.map((team) => teamTrace(team, context))}`,
  )
}

type Team = RoundView['teams'][number]

const hasTrace = (team: Team): boolean =>
  team.totalTrace.state === 'shown' || team.parts.some((part) => part.trace.state === 'shown')

function teamTrace(team: Team, context: RoundContext): Html {
  const id = `${context.prefix}-trace-${team.team}`
  const parts = team.parts.map((part) => partTrace(part, context))
  const { totalTrace } = team
  const total =
    totalTrace.state === 'shown'
      ? html`<li>${line(partName('total', context), totalTrace.value, 'total', context)}</li>`
      : null
  return html`<details class="component" id="${id}"><summary><span class="summary-name">${teamName(team.team, context)}</span></summary>
<div class="inside"><ul class="trace">${total}${parts}</ul></div></details>
`
}

function partTrace(part: PartView, context: RoundContext): Html | null {
  if (part.trace.state !== 'shown') return null
  const trace = part.trace.value
  const label = partName(part.part, context)
  const own = line(label, trace, part.part, context)
  const below: HtmlValue[] =
    part.parts.length > 0
      ? part.parts.map((child) => partTrace(child, context))
      : trace.from.map((child) => node(child, part.part, context))
  return branch(own, below, trace, context)
}

/** A node of a measured part. Its sentence begins with its label, where it has one. */
function node(trace: ShownTrace, part: string, context: RoundContext): Html {
  const match = /^([^:]{1,120}): (.+)$/s.exec(trace.says)
  const [label, says] =
    match && trace.rule !== 'rounding' && !/^unknown$/.test(match[1] ?? '')
      ? [match[1] ?? '', match[2] ?? '']
      : ['', trace.says]
  const own = line(label, { ...trace, says }, part, context)
  return branch(
    own,
    trace.from.map((child) => node(child, part, context)),
    trace,
    context,
  )
}

function branch(
  own: Html,
  below: readonly HtmlValue[],
  trace: ShownTrace,
  context: RoundContext,
): Html {
  const rows = rowLines(trace.rows, context)
  // A single row needs no fold of its own.
  if (below.length === 0 && rows.length === 1 && trace.cut === null) {
    return html`<li>${own} <span class="rows">${rows}</span></li>`
  }
  const notes = [...rows, cutNote(trace, context)].filter((note) => note !== null)
  if (below.length === 0 && notes.length === 0) return html`<li>${own}</li>`
  const inner = html`${notes.map((note) => html`<li class="rows">${note}</li>`)}${below}`
  return html`<li><details><summary>${own}</summary><ul>${inner}</ul></details></li>`
}

function line(label: string, trace: ShownTrace, part: string, context: RoundContext): Html {
  const { language } = context
  const said = language === 'ko' ? koreanTrace(trace.says) : trace.says
  const text = said === undefined ? localText(trace.says, language) : html`${said}`
  const name = label === '' ? null : html`<span class="label"><bdi>${label}</bdi></span> `
  return html`${name}${text}${tagIf(isSimulated(part, context), context)}`
}

const cutNote = (trace: ShownTrace, { language }: RoundContext): HtmlValue =>
  trace.cut === null
    ? null
    : html`<span class="withheld">${ruleWords(`cut_${trace.cut}`, language)}</span>`

function rowLines(rows: readonly RowReference[], { language }: RoundContext): HtmlValue[] {
  return rows.map(({ path, lines, count }) => {
    const values = { path, lines, count }
    return html`${ruleWords(lines === '' ? 'rows_count' : 'rows_lines', language, values)}`
  })
}
