import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gateStates } from '../packages/core/src/round/gate/gate-states.ts'
import { parsePlan } from '../packages/core/src/round/plan/parse-plan.ts'
import type { Plan } from '../packages/core/src/round/plan/plan.ts'
import { readRows } from '../packages/core/src/round/rows/read-rows.ts'
import { type ScoreContext, scorePlan } from '../packages/core/src/round/score/score-plan.ts'
import { keyFromSeed } from '../packages/core/src/round/seal/envelope.ts'
import { formatEntry } from '../packages/core/src/round/seal/record.ts'
import { sealPlan } from '../packages/core/src/round/seal/seal.ts'
import { scoreAlternatives } from '../packages/core/src/round/sensitivity/alternatives.ts'
import { analyseRound } from '../packages/core/src/round/sensitivity/analyse-round.ts'
import {
  type SimulatedRound,
  simulateRound,
} from '../packages/core/src/round/testing/simulated-round.ts'

/** 20 teams, 100,000 benchmark items, 500 experts' and 100,000 panel rows; the limit is 5 s. */
const SIZES = {
  teams: 20,
  benchmarks: 10,
  items: 100,
  epochs: 5,
  experts: 25,
  criteria: 1,
  users: 5000,
}
const DRAWS = 2000
const LIMIT_SECONDS = 5

/** The round that is timed. SIMULATED: nothing in it was measured on any model. */
function timedRound(): SimulatedRound {
  const alternatives: Plan['alternatives'] = [
    {
      id: 'user-best-team',
      name: 'Users against the best team',
      parts: [{ part: 'user', steps: [{ rule: 'sum', over: 'raters' }, { rule: 'best_team' }] }],
    },
    {
      id: 'expert-median',
      name: 'Median of the experts',
      parts: [
        {
          part: 'expert',
          steps: [
            { rule: 'sum', over: 'criteria' },
            { rule: 'median', over: 'raters' },
            { rule: 'as_points' },
          ],
        },
      ],
    },
  ]
  return simulateRound({
    seed: 'bench',
    sizes: SIZES,
    draws: DRAWS,
    change: (plan) => ({ ...plan, alternatives }),
  })
}

/** One pass over the same bytes: text, lines, fields, last field as a number. */
function plainRead(round: SimulatedRound): number {
  let sum = 0
  for (const { bytes } of round.files) {
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      const fields = line.split(',')
      const value = Number(fields[fields.length - 1])
      if (!Number.isNaN(value)) sum += value
    }
  }
  return sum
}

/** Wall clock, and processor time, which a busy machine disturbs less. Milliseconds. */
type Times = { readonly wall: number; readonly cpu: number }

function stages(round: SimulatedRound): Record<string, Times> {
  const times: Record<string, Times> = {}
  const timed = <T>(name: string, run: () => T): T => {
    const [start, before] = [performance.now(), process.cpuUsage()]
    const result = run()
    const used = process.cpuUsage(before)
    times[name] = { wall: performance.now() - start, cpu: (used.user + used.system) / 1000 }
    return result
  }
  timed('plain read of the same bytes', () => plainRead(round))
  const { plan, planDigest } = timed('plan', () => parsePlan(round.planText, 'plan.yaml'))
  const rows = timed('rows: read, check, sort, digest', () => readRows(plan, round.files))
  const context: ScoreContext = {
    planDigest,
    rows,
    gate: gateStates(plan, []),
    measured: new Map(),
  }
  const scored = timed('score: exact, with traces', () => scorePlan(plan, context))
  const alternatives = timed('alternatives', () => scoreAlternatives(plan, scored.board, context))
  timed(`sensitivity: ${DRAWS} draws and the rest`, () =>
    analyseRound({ plan, rows, scored, alternatives }),
  )
  return times
}

function writeSealed(round: SimulatedRound, folder: string): void {
  const entry = sealPlan({
    parsed: parsePlan(round.planText, 'plan.yaml'),
    record: [],
    time: '2026-01-01T00:00:00Z',
    author: 'bench',
    key: keyFromSeed(new Uint8Array(32).fill(1)),
    existingResults: [],
  })
  writeFileSync(join(folder, 'plan.yaml'), round.planText)
  writeFileSync(join(folder, 'record.jsonl'), formatEntry(entry))
  for (const file of round.files) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true })
    writeFileSync(join(folder, file.path), file.bytes)
  }
}

function timeCommand(folder: string): number {
  const cli = join(import.meta.dirname, '../packages/cli/src/main.ts')
  const start = performance.now()
  const run = spawnSync(process.execPath, [cli, 'round', 'score', folder, '--json'], {
    maxBuffer: 1 << 30,
  })
  const seconds = (performance.now() - start) / 1000
  if (run.status !== 0) throw new Error(`${run.stderr}`)
  return seconds
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** Prints the time of a complete `dokja round score`, where it goes, and the ratio to a plain read. */
export async function benchRound(runs: number): Promise<void> {
  const round = timedRound()
  const megabytes = round.files.reduce((sum, file) => sum + file.bytes.length, 0) / 1e6
  console.log(
    `SIMULATED round: ${SIZES.teams} teams, 100,000 item rows, 500 expert rows, 100,000 panel rows, ${megabytes.toFixed(1)} MB`,
  )
  console.log(
    `${availableParallelism()} cores, ${cpus()[0]?.model}, Node ${process.version}, ${runs} runs`,
  )
  const split = Array.from({ length: runs }, () => stages(round))
  for (const name of Object.keys(split[0] ?? {})) {
    const of = (kind: keyof Times) => median(split.map((own) => own[name]?.[kind] ?? 0)).toFixed(0)
    console.log(`  ${name.padEnd(40)} ${of('wall')} ms, processor ${of('cpu')} ms`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'dokja-bench-round-'))
  try {
    writeSealed(round, folder)
    const seconds = Array.from({ length: runs }, () => timeCommand(folder))
    const plain = median(split.map((own) => own['plain read of the same bytes']?.wall ?? 0)) / 1000
    const whole = median(seconds)
    console.log(
      `dokja round score --json, whole command: median ${whole.toFixed(2)} s, slowest ${Math.max(...seconds).toFixed(2)} s`,
    )
    console.log(
      `  limit ${LIMIT_SECONDS} s: ${(whole / LIMIT_SECONDS).toFixed(2)} of it; plain read ${plain.toFixed(2)} s: ratio ${(whole / plain).toFixed(0)}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
