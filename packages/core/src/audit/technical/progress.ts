import type { ComponentName } from '../../model/role.ts'

/** What a comparison is doing, in the order in which it does it; each is long on large models. */
export const MEASURE_STEPS = [
  'content', // T1
  'signs', // T2
  'embeddings', // T2, residual axes
  'positions', // T3
  'layers', // T2 and T3 with layers at other places
  'experts', // T4
  'axes', // T4: how the residual axes correspond
  'folding', // T4: reading whole layers
  'alignment', // T4
  'robust', // T5
  'replay', // T4: the recovered transform on what it was not recovered from
  'moved', // description along a layer map
  'difference', // T6
] as const

export type MeasureStep = (typeof MEASURE_STEPS)[number]

/**
 * Told as work goes on; nothing that is measured depends on it. `done` of `of` pieces of the step
 * are finished; `of` is 0 where the step has no pieces to count.
 */
export type StepListener = (event: {
  readonly component: ComponentName
  readonly step: MeasureStep
  readonly done: number
  readonly of: number
}) => void

type Listened = { readonly onStep?: StepListener | undefined }

export function tellStep({ onStep }: Listened, component: ComponentName, step: MeasureStep): void {
  onStep?.({ component, step, done: 0, of: 0 })
}

/** A counter of the pieces of one step; each call says that one more is finished. */
export function stepCounter(
  { onStep }: Listened,
  component: ComponentName,
  { step, of }: { readonly step: MeasureStep; readonly of: number },
): () => void {
  let done = 0
  onStep?.({ component, step, done, of })
  return () => {
    done += 1
    onStep?.({ component, step, done, of })
  }
}
