import type { Figure, Shown } from '../../round/disclosure/figures.ts'
import type { RoundView } from '../../round/disclosure/view.ts'
import type { EntryRef } from '../../round/docket/acts.ts'
import {
  type ActFields,
  actTime,
  type Evidence,
  type Voice,
} from '../../round/docket/entry-body.ts'
import { allParts, type Plan } from '../../round/plan/plan.ts'
import type { Text } from '../../round/plan/words.ts'
import { Html, type HtmlValue, html } from '../html/markup.ts'
import { chip, type SectionContext } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import type { Language } from '../messages/language.ts'
import { visibleWithin } from '../visible.ts'
import { docketWords } from './docket-words.ts'
import { roundWords } from './round-words.ts'
import { koreanReason } from './sentences-ko.ts'

/** What every section of the page of a stage needs. */
export type RoundContext = SectionContext & {
  readonly view: RoundView
  /** The rules, where the audience may see them. */
  readonly plan: Plan | undefined
}

export function contextOf(view: RoundView, language: Language): RoundContext {
  const plan = view.plan.state === 'shown' ? view.plan.value : undefined
  return { view, plan, language, prefix: language }
}

/** Text in the language of the page. */
export const textOf = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language]

/** The same as markup; what is written in the other language only is marked as such. */
export function localText(text: Text, language: Language): Html {
  const shown = textOf(text, language)
  const hasHangul = /[\uac00-\ud7a3]/.test(shown)
  const isOther = language === 'ko' ? !hasHangul && /[A-Za-z]{3}/.test(shown) : hasHangul
  const other = language === 'ko' ? 'en' : 'ko'
  return isOther ? html`<span lang="${other}">${shown}</span>` : html`${shown}`
}

/** A reason or note of the computation; English where it has no Korean form. */
export function reasonText(reason: string, language: Language): Html {
  if (language === 'en') return html`${reason}`
  return localText(koreanReason(reason) ?? reason, 'ko')
}

export function teamName(team: string, { view, language }: RoundContext): string {
  const found = view.teams.find((entry) => entry.team === team)?.name
  return visibleWithin(textOf(found ?? recruitName(team, view) ?? team, language), 80)
}

function recruitName(team: string, view: RoundView): Text | undefined {
  const { recruits } = view.docket
  if (recruits.state !== 'shown') return undefined
  const selected = recruits.value.flatMap((item) => item.body.selected)
  return selected.find((entry) => entry.team === team)?.name
}

/** 가, 나, 다 · A, B and C. */
export function teamList(teams: readonly string[], context: RoundContext): string {
  const names = teams.map((team) => teamName(team, context))
  const last = names.at(-1)
  if (context.language === 'ko' || names.length < 2 || last === undefined) return names.join(', ')
  return `${names.slice(0, -1).join(', ')} and ${last}`
}

export function partName(part: string, context: RoundContext): string {
  const { language, plan, view } = context
  if (part === 'total') return roundWords('total', language)
  const found = plan
    ? allParts(plan.parts).find((entry) => entry.id === part)?.name
    : partInTeams(view, part)
  return textOf(found ?? part, language)
}

function partInTeams(view: RoundView, id: string): Text | undefined {
  type Parts = RoundView['teams'][number]['parts']
  const find = (parts: Parts): Text | undefined => {
    for (const entry of parts) {
      const found = entry.part === id ? entry.name : find(entry.parts)
      if (found !== undefined) return found
    }
    return undefined
  }
  return find(view.teams[0]?.parts ?? [])
}

export const panelName = (panel: string, { plan, language }: RoundContext): string =>
  textOf(plan?.panels.find((entry) => entry.id === panel)?.name ?? panel, language)

export const isSimulated = (part: string, { view }: RoundContext): boolean =>
  view.simulated.includes(part)

/** The mark that stands wherever something simulated stands. */
export const simulatedTag = ({ language }: SectionContext): Html =>
  html`<span class="tag">${roundWords('simulated', language)}</span>`

export const tagIf = (condition: boolean, context: SectionContext): Html | null =>
  condition ? html` ${simulatedTag(context)}` : null

export const withheld = ({ language }: SectionContext): Html =>
  html`<span class="withheld">${roundWords('withheld', language)}</span>`

/** A value that may be withheld. */
export const shownOr = <T>(
  value: Shown<T>,
  context: SectionContext,
  show: (value: T) => HtmlValue,
): HtmlValue => (value.state === 'shown' ? show(value.value) : withheld(context))

/**
 * A score: exact, as published, unknown with its range, or simulated. `tagged` writes the mark
 * beside the figure, where no heading carries it.
 */
export function figure(
  value: Figure,
  part: string,
  context: RoundContext & { readonly tagged?: boolean },
): Html {
  const { language } = context
  if (value.kind === 'unknown') {
    const range = value.range
      ? html`<small>${roundWords('range', language, value.range)}</small>`
      : null
    return html`<span class="unknown">${roundWords('not_published', language)}</span>${range}`
  }
  if (value.kind === 'published') {
    return html`${value.text}<small>${roundWords('as_published', language)}</small>`
  }
  if (!isSimulated(part, context)) return html`${value.text}`
  const title = roundWords('simulated_long', language)
  const tag = context.tagged ? simulatedTag(context) : null
  return html`<span class="simulated" title="${title}">${value.text}</span>${tag}`
}

const KOREA_AHEAD_MS = 9 * 3_600_000

/** A time: in Korean by the clock of Korea, in English by UTC. A bare day stays a day. */
export function time(iso: string, language: Language): Html {
  return html`<time datetime="${iso}">${timeText(iso, language)}</time>`
}

export function timeText(iso: string, language: Language): string {
  if (iso.length === 10) return iso
  const shown = language === 'ko' ? new Date(Date.parse(iso) + KOREA_AHEAD_MS).toISOString() : iso
  const zone = language === 'ko' ? '한국시간' : 'UTC'
  return `${shown.slice(0, 10)} ${shown.slice(11, 16)} ${zone}`
}

/** Where an entry stands in the record, and for a retold act when it happened. */
export function entryLine(
  item: { readonly entry: EntryRef; readonly body: Pick<ActFields, 'retold'> },
  { language }: SectionContext,
): Html {
  const { entry, body } = item
  const at = docketWords('entry', language, {
    n: entry.sequence,
    time: timeText(entry.time, language),
  })
  const happened = body.retold === null ? null : actTime(item)
  const day = happened && timeText(body.retold?.on ?? happened, language)
  const when = day ? html` · ${docketWords('happened', language, { day })}` : null
  const retold = body.retold ? html` · ${roundWords('retold', language)}` : null
  return html`<span class="who">${at}${when}${retold}</span>`
}

/** A source as written, with every address in it as a link. */
function addressOf(source: string): Html {
  const pieces = source.split(/(https?:\/\/[^\s,]+)/)
  return html`${pieces.map((piece, i) =>
    i % 2 === 0
      ? html`${visibleWithin(piece, 160)}`
      : html`<a href="${piece}" rel="noopener noreferrer">${visibleWithin(piece, 70)}</a>`,
  )}`
}

/** What a statement rests on, each with its address or digest. */
export function sources(evidence: readonly Evidence[], { language }: SectionContext): Html | null {
  if (evidence.length === 0) return null
  return html`<ul class="sources">${evidence.map((one) => {
    const link = one.link ? html` ${addressOf(one.link)}` : null
    const file = one.file ? html` ${name(one.file)}` : null
    const at = one.at ? html` ${name(one.at)}` : null
    const digest = one.digest ? html` <code class="digest">${one.digest}</code>` : null
    return html`<li>${localText(one.title, language)}${file}${at}${link}${digest}</li>`
  })}</ul>`
}

export function retoldSources(
  body: Pick<ActFields, 'retold'>,
  { language }: SectionContext,
): Html | null {
  if (!body.retold) return null
  const links = body.retold.sources.map(
    (source, i) => html`${i === 0 ? '' : ', '}${addressOf(source)}`,
  )
  return html`<p class="who">${roundWords('source', language)}: ${links}</p>`
}

export function voices(list: readonly Voice[], context: SectionContext): HtmlValue {
  return list.map(
    (voice) =>
      html`<div class="quote"><p><b>${localText(voice.by, context.language)}</b></p><p>${localText(voice.says, context.language)}</p>${sources(voice.evidence, context)}</div>`,
  )
}

export const address = addressOf

const OUTCOME_TONES = {
  met: 'none',
  conditional: 'caution',
  not_met: 'strong',
  not_determinable: 'open',
} as const

export type AxisOutcome = keyof typeof OUTCOME_TONES

export const outcomeChip = (outcome: AxisOutcome, language: Language): Html =>
  chip(OUTCOME_TONES[outcome], docketWords(outcome, language))

export const NOTHING = new Html('')

/** `98%`, or `>99%`: a share is never rounded to certainty. */
export function percent(share: number): string {
  if (share > 0.995 && share < 1) return '>99%'
  if (share < 0.005 && share > 0) return '<1%'
  return `${Math.round(share * 100)}%`
}

/** Plain decimal text of a double, for figures that never decide. */
export const decimal = (value: number, digits: number): string =>
  (Math.round(value * 10 ** digits) / 10 ** digits).toFixed(digits).replace(/^-0(\.0*)?$/, '0$1')
