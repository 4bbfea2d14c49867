import type { Fault } from '../../base/faults.ts'
import { quoted } from '../../base/quoted.ts'
import { parseDecimal } from '../../base/rational.ts'
import { FACT_COLUMNS } from './columns.ts'
import { FACT_STATISTICS, type Fact, type FactStatistic } from './facts.ts'
import { readFileRows } from './read-file.ts'
import type { InputFile } from './table.ts'

/** Reads published aggregates. `teams` lists team ids separated by spaces. */
export function readFacts(
  files: readonly InputFile[],
  options: {
    readonly teams: ReadonlySet<string>
    readonly parts: ReadonlySet<string>
    readonly faults: Fault[]
  },
): Fact[] {
  const facts: Fact[] = []
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    readFileRows(file, {
      columns: FACT_COLUMNS,
      faults: options.faults,
      onRow: (cells, line) => {
        const found: Fault[] = []
        const fact = readFact(cells, {
          ...options,
          say: (message, at) => found.push({ file: file.path, line, at, message }),
        })
        options.faults.push(...found)
        if (fact && found.length === 0) facts.push({ ...fact, file: file.path, line })
      },
    })
  }
  return facts
}

function readFact(
  [part = '', statistic = '', teamText = '', valueText = '', source = '']: readonly string[],
  context: {
    readonly teams: ReadonlySet<string>
    readonly parts: ReadonlySet<string>
    readonly say: (message: string, at: string) => void
  },
): Omit<Fact, 'file' | 'line'> | undefined {
  const { say } = context
  if (part !== 'total' && !context.parts.has(part)) say(`unknown part ${quoted(part)}`, 'part')
  const known = FACT_STATISTICS.find((word) => word === statistic)
  if (!known) {
    say(`unknown statistic ${quoted(statistic)}; known: ${FACT_STATISTICS.join(', ')}`, 'statistic')
    return undefined
  }
  const teams = teamText.split(' ').filter((team) => team !== '')
  for (const team of teams) {
    if (!context.teams.has(team)) say(`unknown team ${quoted(team)}`, 'teams')
  }
  if (new Set(teams).size < teams.length) say('a team is there twice', 'teams')
  const needed = teamsNeeded(known)
  if (!needed.allows(teams.length)) say(needed.says, 'teams')
  if (known === 'ahead') {
    if (valueText !== '') say('"ahead" has no value', 'value')
    return { part, statistic: known, value: undefined, digits: 0, teams, source }
  }
  const value = /^\d+(\.\d+)?$/.test(valueText) ? parseDecimal(valueText) : undefined
  if (!value) say(`${quoted(valueText)} is not a figure as printed, such as 30.4`, 'value')
  const digits = valueText.split('.')[1]?.length ?? 0
  return { part, statistic: known, value, digits, teams, source }
}

function teamsNeeded(statistic: FactStatistic): {
  allows: (count: number) => boolean
  says: string
} {
  if (statistic === 'score') return { allows: (n) => n === 1, says: 'exactly one team expected' }
  if (statistic === 'ahead') return { allows: (n) => n >= 1, says: 'the teams in front expected' }
  if (statistic === 'best') return { allows: () => true, says: '' }
  return { allows: (n) => n === 0, says: `"${statistic}" is about all teams: no team expected` }
}
