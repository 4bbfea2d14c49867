import type { Draw } from '../draw-plan.ts'

/** A linear layer of torch.nn: rows are outputs. */
export type Linear = {
  readonly weight: string
  readonly shape: readonly [number, number]
  readonly hasBias: boolean
}

/** An embedding table; a padding row is drawn like the others and then set to zero. */
export type Table = {
  readonly weight: string
  readonly shape: readonly [number, number]
  readonly paddingRow: number | null
}

export const normal = (tensor: string | null, shape: readonly number[], std: number): Draw => ({
  law: 'normal',
  mean: 0,
  std,
  tensor,
  shape,
})

export const tableNormal = ({ weight, shape, paddingRow }: Table, std: number): Draw => ({
  ...normal(weight, shape, std),
  ...(paddingRow === null ? {} : { zeroRow: paddingRow }),
})

/** nn.Linear and nn.ConvNd: kaiming_uniform with a = √5, that is U(±1/√fan_in). */
export const kaiming = (tensor: string | null, shape: readonly number[]): Draw => ({
  law: 'kaiming_uniform',
  a: Math.sqrt(5),
  tensor,
  shape,
})

/** The bias beside such a weight: U(±1/√fan_in). */
export function biasUniform(tensor: string | null, weightShape: readonly number[]): Draw {
  const [outputs = 1, ...inputs] = weightShape
  const bound = 1 / Math.sqrt(inputs.reduce((product, size) => product * size, 1))
  return { law: 'uniform', low: -bound, high: bound, tensor, shape: [outputs] }
}

/** What torch.nn.Linear draws when it is made, thrown away because it is drawn again. */
export const madeLinear = ({ shape, hasBias }: Linear): readonly Draw[] => [
  kaiming(null, shape),
  ...(hasBias ? [biasUniform(null, shape)] : []),
]
