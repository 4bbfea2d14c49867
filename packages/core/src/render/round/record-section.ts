import { type Html, type HtmlValue, html, listOf } from '../html/markup.ts'
import { cardTable, section, type TableColumn } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import { type RoundContext, time } from './pieces.ts'
import { ENTRY_WORDS, entryWords, ruleWords } from './rule-words.ts'

/** Digests, and the commands that repeat the work. */
export function checkSection(context: RoundContext): Html {
  const { language, view } = context
  const { commitment } = view
  const facts: [string, HtmlValue][] = [
    [ruleWords('root', language), html`<code class="digest">${commitment.root}</code>`],
    [ruleWords('leaves', language), String(commitment.leaves)],
    [
      ruleWords('plan_digest', language),
      html`<code class="digest">${commitment.planDigest}</code>`,
    ],
  ]
  if (commitment.record) {
    const { sequence, digest } = commitment.record
    facts.push([
      ruleWords('record_head', language),
      html`${sequence} <code class="digest">${digest}</code>`,
    ])
  }
  return section(
    { ...context, id: 'recheck', title: ruleWords('check', language) },
    html`<p class="lead">${ruleWords('check_intro', language)}</p>
${changesBlock(context)}
<dl class="facts-list">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
<p class="table-note">${ruleWords('withheld_digests', language)}</p>
<p>${ruleWords('check_command', language)}</p>
<pre tabindex="0">npx dokja round verify-view view.json --against public-view.json</pre>
${view.inputs.state === 'shown' ? html`<p>${ruleWords('check_score', language)}</p><pre tabindex="0">npx dokja round score DIR --json</pre>` : null}
${recordBlock(context)}`,
  )
}

function changesBlock({ view, language }: RoundContext): Html | null {
  if (view.changes.length === 0) return null
  const lines = view.changes.map(({ what, since }) => {
    const name =
      what.kind === 'file'
        ? ruleWords('change_file', language, { path: what.path })
        : ruleWords(`change_${what.kind}`, language)
    return html`${name}: ${ruleWords('since', language, { n: since.sequence })}`
  })
  return html`<div class="callout"><h3>${ruleWords('changes', language)}</h3>${listOf(lines, 'plain')}</div>`
}

/** The chain of the record, and what was there when the plan was sealed. */
function recordBlock(context: RoundContext): Html {
  const { language, view } = context
  const columns: readonly TableColumn[] = [
    { title: ruleWords('number', language) },
    { title: ruleWords('what', language) },
    { title: ruleWords('when', language) },
    { title: ruleWords('who', language) },
    { title: ruleWords('digest', language), kind: 'wide' },
  ]
  const rows = view.docket.entries.map((entry) => [
    String(entry.sequence),
    kindText(entry.kind, context),
    time(entry.time, language),
    name(entry.author),
    html`<code class="digest">${entry.digest}</code>`,
  ])
  const seals = view.seals.flatMap((seal): HtmlValue[] => {
    const lines: HtmlValue[] = []
    if (seal.amendment) {
      const { reason, existing } = seal.amendment
      lines.push(
        html`${ruleWords('amended', language)} (${time(seal.time, language)}). ${ruleWords('amended_reason', language, { reason })}. ${ruleWords('sealed_after', language, { n: existing })}`,
      )
    }
    return lines
  })
  return html`<details class="numbers"><summary>${ruleWords('record', language)} (${view.docket.entries.length})</summary>
<p class="lead">${ruleWords('record_intro', language)}</p>${listOf(seals, 'plain')}
${cardTable({ caption: ruleWords('record_caption', language), columns }, rows)}</details>`
}

const kindText = (kind: string, { language }: RoundContext): HtmlValue =>
  Object.hasOwn(ENTRY_WORDS, kind)
    ? entryWords(kind as keyof typeof ENTRY_WORDS, language)
    : html`<code>${kind}</code>`
