import type { ComponentFinding } from '../headline.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { formatChance, formatDetectable, formatFraction } from '../messages/quantity.ts'
import { say } from '../messages/report-words.ts'
import { TIER_WORDS } from '../messages/tests.ts'
import { VERDICT_WORDS } from '../messages/verdicts.ts'
import { visibleWithin } from '../visible.ts'
import { type Style, verdictPaint } from './style.ts'
import { renderTable } from './table.ts'

/** One row per component, in the order given. */
export function componentTable(
  components: readonly ComponentFinding[],
  page: { language: Language; style: Style; width: number },
): readonly string[] {
  const { language, style, width } = page
  const columns = [
    { title: '', align: 'left' },
    { title: say('component', language), align: 'left' },
    { title: say('verdict', language), align: 'left' },
    { title: say('basis', language), align: 'left' },
    { title: say('chance', language), align: 'right' },
    { title: say('detectable', language), align: 'right' },
    { title: say('share', language), align: 'right' },
  ] as const
  const rows = components.map((part) => ({
    cells: cellsOf(part, language),
    paint: verdictPaint(part.verdict, style),
  }))
  return renderTable(columns, rows, { width, head: style.bold })
}

function cellsOf(part: ComponentFinding, language: Language): readonly string[] {
  const none = say('none', language)
  const { mark, name } = VERDICT_WORDS[part.verdict]
  const limit = part.minDetectableCorrelation
  return [
    mark,
    visibleWithin(componentName(part.component, language), 24),
    name[language],
    part.tier === null ? none : TIER_WORDS[part.tier].name[language],
    part.log10P === null || part.tier === 'empirical' ? none : formatChance(part.log10P, language),
    limit === null ? none : formatDetectable(limit),
    formatFraction(part.parameterFraction),
  ]
}
