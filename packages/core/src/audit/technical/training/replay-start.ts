import type { TensorSource } from '../../../model/checkpoint.ts'
import { elementCount, type TensorInfo } from '../../../model/tensor.ts'
import { readRows } from '../read-rows.ts'
import { type DrawPlan, GENERATORS, type Generator, replayDraws, replayFault } from './draw-plan.ts'
import { type Finding, finding } from './finding.ts'
import { declaredDraws } from './recipes.ts'
import { seedsOf, type TrainingRecord } from './record.ts'
import { isBfloat16, isConstant, sampleTensor, sharedTensors, wholeView } from './trajectory.ts'

/** Values that a replay draws at most: some minutes of work, one tensor in memory at a time. */
const MAX_VALUES = 400_000_000

/**
 * Largest relative difference between a replayed float32 value and the stored one: one rounding to
 * the stored type, and for float32 the last places that vector code of PyTorch and JAX leaves open.
 */
const TOLERANCE: Readonly<Record<string, number>> = {
  F64: 1e-6,
  F32: 1e-6,
  BF16: 2 ** -8,
  F16: 2 ** -10,
}

export type Replay =
  | { readonly kind: 'replayed'; readonly plan: DrawPlan }
  | { readonly kind: 'different' }
  | { readonly kind: 'impossible' }

/** Draws the declared initialisation again and compares every value of step 0 with it. */
export async function replayStart(
  record: TrainingRecord,
  start: TensorSource,
): Promise<{ readonly replay: Replay; readonly findings: readonly Finding[] }> {
  const plan = planOf(record, start)
  if (typeof plan === 'string') {
    return { replay: { kind: 'impossible' }, findings: [whyNot(record, plan)] }
  }
  const matching = await matchingPlan(plan, start)
  if ('difference' in matching) {
    return { replay: { kind: 'different' }, findings: [matching.difference] }
  }
  const kept = plan.draws.filter((draw) => draw.tensor !== null)
  const values = {
    tensors: kept.length,
    values: kept.reduce((sum, draw) => sum + elementCount(draw.shape), 0),
  }
  const code = matching.plan.type === 'bfloat16' ? 'init_replays_bfloat16' : 'init_replays'
  return {
    replay: { kind: 'replayed', plan: matching.plan },
    findings: [
      finding('initialisation', code, { tier: 'exact', values }),
      ...(await undrawnMatrices(plan, start)),
    ],
  }
}

/**
 * A model that was made in bfloat16 drew other values than one made in float32 and rounded, and no
 * configuration tells them apart: both are tried, and the bits of the seed count it (`seedBits`).
 */
async function matchingPlan(
  plan: DrawPlan,
  start: TensorSource,
): Promise<{ readonly plan: DrawPlan } | { readonly difference: Finding }> {
  const difference = await differingTensor(plan, start)
  if (!difference) return { plan }
  const coarse: DrawPlan = { ...plan, type: 'bfloat16' }
  if (plan.generator !== 'torch-cpu' || replayFault(coarse) !== null) return { difference }
  return (await differingTensor(coarse, start)) === null ? { plan: coarse } : { difference }
}

function whyNot({ initialisation }: TrainingRecord, reason: string): Finding {
  const { generator, draws, recipe } = initialisation
  if (!isReplayable(generator)) {
    return finding('initialisation', 'init_generator_unknown', { values: { generator } })
  }
  if (!draws && !recipe) return finding('initialisation', 'init_undeclared')
  return finding('initialisation', 'init_not_replayable', { values: { reason } })
}

/** The plan, or why there is none. */
function planOf(record: TrainingRecord, start: TensorSource): DrawPlan | string {
  const { generator } = record.initialisation
  if (!isReplayable(generator)) return `generator ${generator}`
  const found = declaredDraws(record.initialisation, start.checkpoint)
  if ('missing' in found) return `no ${found.missing}`
  const plan = { generator, seed: seedsOf(record), draws: found.draws }
  const total = plan.draws.reduce((sum, draw) => sum + elementCount(draw.shape), 0)
  if (total > MAX_VALUES) return `${total} values`
  return replayFault(plan) ?? plan
}

const isReplayable = (name: string): name is Generator =>
  (GENERATORS as readonly string[]).includes(name)

/** A matrix of step 0 that no draw makes could be anything, unless it is constant. */
async function undrawnMatrices(plan: DrawPlan, start: TensorSource): Promise<Finding[]> {
  const drawn = new Set(plan.draws.map((draw) => draw.tensor))
  const extra: string[] = []
  for (const name of sharedTensors([start], 'matrices')) {
    if (!drawn.has(name) && !isConstant(await sampleTensor(start, name))) extra.push(name)
  }
  const [tensor] = extra
  if (tensor === undefined) return []
  const values = { tensors: extra.length, tensor }
  return [finding('initialisation', 'init_incomplete', { values })]
}

async function differingTensor(plan: DrawPlan, start: TensorSource): Promise<Finding | null> {
  const stored = new Map(start.checkpoint.tensors.map((tensor) => [tensor.name, tensor]))
  for (const { tensor: name, values } of replayDraws(plan)) {
    const tensor = stored.get(name)
    const share = tensor ? await unequalShare(start, tensor, values) : 1
    if (share > 0) {
      const facts = { tensor: name, share }
      return finding('initialisation', 'init_differs', { tier: 'exact', values: facts })
    }
  }
  return null
}

async function unequalShare(
  source: TensorSource,
  tensor: TensorInfo,
  drawn: Float32Array,
): Promise<number> {
  if (elementCount(tensor.shape) !== drawn.length) return 1
  const view = wholeView(tensor)
  const stored = await readRows(source, tensor, { view, ranges: [{ first: 0, count: view.rows }] })
  const relative = TOLERANCE[roundedType(tensor.dtype, stored)] ?? 0
  let largest = 0
  for (let i = 0; i < drawn.length; i++) largest = Math.max(largest, Math.abs(drawn[i] as number))
  const floor = largest * 2e-6
  let unequal = 0
  for (let i = 0; i < drawn.length; i++) {
    const value = drawn[i] as number
    const allowed = Math.abs(value) * relative + floor
    if (!(Math.abs(value - (stored[i] as number)) <= allowed)) unequal++
  }
  return unequal / Math.max(1, drawn.length)
}

/** The type that the values were last rounded to: bfloat16 kept in float32 stays bfloat16. */
function roundedType(dtype: string, stored: Float32Array): string {
  if (dtype !== 'F32' && dtype !== 'F64') return dtype
  return isBfloat16(stored) ? 'BF16' : dtype
}
