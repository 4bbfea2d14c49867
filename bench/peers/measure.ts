import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Case } from './cases.ts'
import type { Judgement } from './judge.ts'
import { driverLine, type Tool } from './tools.ts'

export type Row = {
  readonly pair: Case
  readonly tool: string
  readonly answer: string
  readonly judgement: Judgement
  readonly cost: Cost
}

export type Cost = {
  /** Whole process, by the wall. */
  readonly seconds: number
  /** Without starting Python and importing libraries; null for Dokja, which is never spared its start. */
  readonly workSeconds: number | null
  readonly cpuSeconds: number
  /** Largest resident set. */
  readonly memoryMB: number
  readonly readMB: number
}

export type Limits = { readonly runs: number; readonly limitSeconds: number }

/** Puts the weights of a pair into the page cache, so that no tool pays for the disk. */
export function warm(pair: Case): void {
  for (const file of [pair.candidate, pair.reference].flatMap(weightFiles)) readThrough(file)
}

/** Runs a tool on a pair, `runs` times. */
export function measure(tool: Tool, pair: Case, { runs, limitSeconds }: Limits): Row[] {
  const command = tool.command(pair)
  return Array.from({ length: runs }, () => {
    const done = runTimed(command, limitSeconds)
    return { pair, tool: tool.name, ...reading(tool, pair, done), cost: costOf(tool, pair, done) }
  })
}

/** The row of the run with the median time. */
export const medianRow = (rows: readonly Row[]): Row =>
  rows.toSorted((x, y) => x.cost.seconds - y.cost.seconds)[Math.floor(rows.length / 2)]!

type Done = {
  readonly status: number | null
  readonly output: string
  readonly error: string
  /** Wall, user and system seconds, and the largest resident set in KiB, by GNU time. */
  readonly figures: readonly [number, number, number, number]
}

const TIMED_OUT = 124

function runTimed(command: readonly string[], limitSeconds: number): Done {
  const scratch = mkdtempSync(join(tmpdir(), 'dokja-peers-'))
  const figuresAt = join(scratch, 'figures')
  const wrapped = ['time', '-q', '-o', figuresAt, '-f', '%e %U %S %M', 'timeout', '-k', '10']
  try {
    const run = spawnSync('/usr/bin/env', [...wrapped, String(limitSeconds), ...command], {
      encoding: 'utf8',
      maxBuffer: 256 * 2 ** 20,
      // Peers must neither call out nor write into their clones.
      env: { ...process.env, HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' },
    })
    if (run.error) throw run.error
    const figures = readFileSync(figuresAt, 'utf8').trim().split(' ').map(Number)
    return {
      status: run.status,
      output: run.stdout,
      error: run.stderr,
      figures: figures as unknown as Done['figures'],
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function reading(tool: Tool, pair: Case, { status, output, error }: Done) {
  if (status !== null && tool.statuses.includes(status)) return tool.read(output, pair)
  const last = error.trimEnd().split('\n').at(-1) ?? ''
  const answer = status === TIMED_OUT ? 'out of time' : `failed: ${last.slice(0, 70)}`
  return { answer, judgement: 'no answer' as const }
}

function costOf(tool: Tool, pair: Case, done: Done): Cost {
  const [seconds, user, system, memoryKiB] = done.figures
  const isAnswered = done.status !== null && tool.statuses.includes(done.status)
  const bytes =
    tool.bytesRead && isAnswered
      ? tool.bytesRead(done.output)
      : weightBytes(pair.candidate) + weightBytes(pair.reference)
  return {
    seconds,
    workSeconds: tool.bytesRead || !isAnswered ? null : workSeconds(done.output),
    cpuSeconds: user + system,
    memoryMB: memoryKiB / 1024,
    readMB: bytes / 1e6,
  }
}

const workSeconds = (output: string) => driverLine(output)['workSeconds'] as number

const weightFiles = (folder: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => join(folder, file))

const weightBytes = (folder: string) =>
  weightFiles(folder).reduce((sum, file) => sum + statSync(file).size, 0)

function readThrough(path: string): void {
  const buffer = Buffer.alloc(2 ** 24)
  const file = openSync(path, 'r')
  try {
    while (readSync(file, buffer) > 0);
  } finally {
    closeSync(file)
  }
}
