import { type ComponentComparison, VERDICTS, type Verdict } from '../audit/result.ts'
import { componentName } from './messages/components.ts'
import {
  CLEAR_LIMIT,
  DIRECTION_LIMIT,
  DIRECTION_SHOWN,
  GROUP_MESSAGES,
  NO_COMPONENT,
  NO_EVIDENCE_WITHOUT_LIMIT,
  PERMISSION_LIMIT,
  TITLE_MESSAGES,
} from './messages/headlines.ts'
import type { Language } from './messages/language.ts'
import { formatDetectable } from './messages/quantity.ts'
import { fill, type Piece } from './messages/template.ts'
import { visibleWithin } from './visible.ts'

/** A component with the reference that its verdict speaks of. */
export type ComponentFinding = ComponentComparison & { readonly reference: string | null }

export type HeadlineLine = { readonly verdict: Verdict; readonly pieces: readonly Piece[] }

export type Headline = {
  readonly title: readonly Piece[]
  /** One line per verdict and reference, the strongest first. */
  readonly lines: readonly HeadlineLine[]
  /** What the result does not say. */
  readonly limits: readonly (readonly Piece[])[]
}

export const isRelation = (verdict: Verdict): boolean =>
  verdict !== 'no_evidence' && verdict !== 'not_testable'

/** The strongest verdict first, then the larger share of parameters. The order given is kept. */
export function strongestFirst<T extends ComponentComparison>(components: readonly T[]): T[] {
  return [...components].sort(
    (a, b) =>
      VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
      b.parameterFraction - a.parameterFraction,
  )
}

/** The result in plain words. `verdict` is the strongest among the components. */
export function headline(
  components: readonly ComponentFinding[],
  context: { verdict: Verdict; referenceCount: number; language: Language },
): Headline {
  const { verdict, referenceCount, language } = context
  const message = components.length === 0 ? NO_COMPONENT : TITLE_MESSAGES[verdict]
  const title = fill(message, language, {
    components: components.length,
    strongest: components.filter((part) => part.verdict === verdict).length,
    tested: components.filter((part) => part.verdict !== 'not_testable').length,
  })
  const lines = groupsOf(components).map((group) => groupLine(group, language))
  const limits = []
  const related = components.filter((part) => isRelation(part.verdict))
  const directed = strongestFirst(related.filter(hasDirection))
  for (const group of Map.groupBy(directed, directionKey).values()) {
    limits.push(directionLine(group, language))
  }
  if (related.length > 0) {
    const isAllKnown = directed.length === related.length
    limits.push(fill(isAllKnown ? PERMISSION_LIMIT : DIRECTION_LIMIT, language))
  }
  if (components.some((part) => part.verdict === 'no_evidence')) {
    limits.push(fill(CLEAR_LIMIT, language, { references: referenceCount }))
  }
  return { title, lines, limits }
}

const hasDirection = ({ direction }: ComponentFinding): boolean =>
  direction !== undefined && direction.toward !== 'unknown'

const directionKey = ({ direction, reference }: ComponentFinding): string =>
  `${direction?.toward} ${reference}`

function directionLine(group: readonly ComponentFinding[], language: Language): readonly Piece[] {
  const [first] = group
  return fill(DIRECTION_SHOWN, language, {
    components: namesOf(group, language),
    reference: first?.reference ?? '',
    later: first?.direction?.toward ?? '',
  })
}

const namesOf = (group: readonly ComponentFinding[], language: Language): string =>
  group.map((part) => visibleWithin(componentName(part.component, language), 48)).join(', ')

type Group = readonly [ComponentFinding, ...ComponentFinding[]]

function groupsOf(components: readonly ComponentFinding[]): readonly Group[] {
  const groups = new Map<string, [ComponentFinding, ...ComponentFinding[]]>()
  for (const part of strongestFirst(components)) {
    // Each limit is told with the components it holds for.
    const limit =
      part.minDetectableCorrelation === null
        ? 'without'
        : formatDetectable(part.minDetectableCorrelation)
    const about = isRelation(part.verdict) ? (part.reference ?? '') : limit
    const key = `${part.verdict} ${about}`
    const group = groups.get(key)
    if (group) group.push(part)
    else groups.set(key, [part])
  }
  return [...groups.values()]
}

function groupLine(group: Group, language: Language): HeadlineLine {
  const { verdict, reference } = group[0]
  const components = namesOf(group, language)
  const values = { components, ...(reference === null ? {} : { reference }) }
  if (verdict !== 'no_evidence') {
    return { verdict, pieces: fill(GROUP_MESSAGES[verdict], language, values) }
  }
  // Equal as they are printed; the weakest holds for every component that the line names.
  const limits = group.flatMap((part) => part.minDetectableCorrelation ?? [])
  if (limits.length === 0) {
    return { verdict, pieces: fill(NO_EVIDENCE_WITHOUT_LIMIT, language, values) }
  }
  const minDetectableCorrelation = Math.max(...limits)
  const pieces = fill(GROUP_MESSAGES.no_evidence, language, { ...values, minDetectableCorrelation })
  return { verdict, pieces }
}
