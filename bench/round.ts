// The time of one whole round: 20 teams, 100,000 benchmark rows, 500 experts, 100,000 panel rows, all
// of it SIMULATED, with the full sensitivity analysis. Limit: 5 s on two cores.
// Run: node bench/round.ts
import { parsePlan } from '../packages/core/src/round/plan/parse-plan.ts'
import { readRows } from '../packages/core/src/round/rows/read-rows.ts'
import { runRound } from '../packages/core/src/round/run-round.ts'
import { scorePlan } from '../packages/core/src/round/score/score-plan.ts'
import { roundJson } from '../packages/core/src/round/score/scoreboard-json.ts'
import { keyFromSeed } from '../packages/core/src/round/seal/envelope.ts'
import { formatEntry } from '../packages/core/src/round/seal/record.ts'
import { sealPlan } from '../packages/core/src/round/seal/seal.ts'
import { simulateRound } from '../packages/core/src/round/testing/simulated-round.ts'

const LIMIT_MS = 5000

const round = simulateRound({
  seed: 'bench',
  sizes: {
    teams: 20,
    benchmarks: 10,
    items: 100,
    epochs: 5,
    experts: 500,
    criteria: 3,
    users: 5000,
  },
  draws: 10_000,
})
const parsed = parsePlan(round.planText, 'plan.yaml')
const entry = sealPlan({
  parsed,
  record: [],
  time: '2026-03-01T00:00:00Z',
  author: 'bench',
  key: keyFromSeed(new Uint8Array(32)),
  existingResults: [],
})

function timed<T>(what: string, work: () => T): T {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const result = work()
  const wallMs = performance.now() - start
  const used = process.cpuUsage(cpu)
  const cpuMs = (used.user + used.system) / 1000
  process.stdout.write(
    `${what.padEnd(28)} ${wallMs.toFixed(0).padStart(6)} ms wall ${cpuMs.toFixed(0).padStart(6)} ms cpu\n`,
  )
  return result
}

const rows = timed('read and check rows', () => readRows(parsed.plan, round.files))
timed('score with traces', () =>
  scorePlan(parsed.plan, { planDigest: parsed.planDigest, rows, gate: new Map() }),
)
const start = performance.now()
timed('whole round', () => {
  const result = runRound({
    plan: { text: round.planText, path: 'plan.yaml' },
    record: { text: formatEntry(entry), path: 'record.jsonl' },
    files: round.files,
  })
  return JSON.stringify(roundJson(result))
})
const wallMs = performance.now() - start
process.stdout.write(`limit ${LIMIT_MS} ms: ${wallMs <= LIMIT_MS ? 'kept' : 'missed'}\n`)
