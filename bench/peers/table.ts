import { type Judgement, WRONG } from './judge.ts'
import type { Row } from './measure.ts'

// The table in Markdown, as bench/peers/README.md holds it, and the sums below it.

const HEAD = [
  'pair',
  'known',
  'tool',
  'answer',
  'judged',
  's',
  's without imports',
  'CPU s',
  'peak MB',
  'MB read',
]

const BLANK = HEAD.slice(4).map(() => '–')

const figure = (value: number | null) => {
  if (value === null) return '–'
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}

export function tableOf(rows: readonly Row[], missing: readonly string[]): string {
  const cells = rows.map(({ pair, tool, answer, judgement, cost }) => [
    pair.name,
    pair.known,
    tool,
    answer.replaceAll('|', '/'),
    WRONG.includes(judgement) ? `**${judgement}**` : judgement,
    figure(cost.seconds),
    figure(cost.workSeconds),
    figure(cost.cpuSeconds),
    figure(cost.memoryMB),
    figure(cost.readMB),
  ])
  const absent = missing.map((tool) => ['every pair', '', tool, 'not installed', ...BLANK])
  return markdown(HEAD, [...cells, ...absent])
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const COUNTED: readonly Judgement[] = [
  'right',
  'in part',
  'missed',
  'false alarm',
  'wrong word',
  'no answer',
  'not judged',
]

/** How often each tool was right and wrong. */
export function countsOf(rows: readonly Row[]): string {
  const tools = [...new Set(rows.map(({ tool }) => tool))]
  const count = (tool: string, words: readonly Judgement[]) =>
    String(rows.filter((row) => row.tool === tool && words.includes(row.judgement)).length)
  return markdown(
    ['tool', 'wrong', ...COUNTED],
    tools.map((tool) => [tool, count(tool, WRONG), ...COUNTED.map((word) => count(tool, [word]))]),
  )
}

/** Each peer's cost as a multiple of Dokja's whole process, pair by pair. */
export function ratiosOf(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) => {
    const ours = rows.find((other) => other.pair === row.pair && other.tool === 'Dokja')?.cost
    if (!ours || row.tool === 'Dokja' || row.judgement === 'no answer') return []
    const { seconds, workSeconds, cpuSeconds, memoryMB, readMB } = row.cost
    const times = (peer: number | null, own: number) => figure(peer === null ? null : peer / own)
    return [
      [
        row.pair.name,
        row.tool,
        times(seconds, ours.seconds),
        times(workSeconds, ours.seconds),
        times(cpuSeconds, ours.cpuSeconds),
        times(memoryMB, ours.memoryMB),
        times(readMB, ours.readMB),
      ],
    ]
  })
  return markdown(
    ['pair', 'peer', 'time', 'time without its imports', 'CPU time', 'memory', 'bytes'],
    lines,
  )
}
