import type { TransformerShape } from '../../packages/core/src/audit/testing/random-transformer.ts'
import { simulatedModel } from '../../tests/audit/diluted.ts'
import { type Loaded, load } from '../../tests/audit/transforms.ts'

/** Pairs of one size: what is mixed in and compared with, and what it is mixed into. */
export type PowerCase = {
  readonly name: string
  readonly drawsMax: number
  /** Shares of the descendant, and noise in root mean squares; each encloses both thresholds. */
  readonly mixing: readonly number[]
  readonly noise: readonly number[]
  readonly pair: (
    draw: number,
  ) => Promise<{ readonly descendant: Loaded; readonly stranger: Loaded }>
  readonly isCharted: boolean
}

export async function powerCases(): Promise<PowerCase[]> {
  return [
    await trained(),
    simulated([128, 512, 4], {
      mixing: [0.006, 0.008, 0.01, 0.013, 0.017, 0.03, 0.06, 0.1, 0.13, 0.16, 0.2],
      noise: [4, 5, 6.5, 8, 15, 30, 50, 65, 80, 100, 130],
      drawsMax: 9,
    }),
    simulated([128, 512, 4], {
      decay: 1,
      mixing: [0.013, 0.02, 0.025, 0.03, 0.04, 0.08, 0.15, 0.2, 0.25, 0.3],
      noise: [3.5, 5, 6.5, 8, 15, 30, 50, 65, 80, 100],
      drawsMax: 9,
    }),
    simulated([512, 1024, 4], {
      mixing: [0.002, 0.003, 0.004, 0.006, 0.012, 0.03, 0.05, 0.07, 0.09],
      noise: [10, 14, 20, 30, 80, 160, 250, 330, 500],
      drawsMax: 5,
    }),
    simulated([512, 1024, 4], {
      decay: 1,
      mixing: [0.01, 0.014, 0.017, 0.02, 0.026, 0.05, 0.1, 0.13, 0.16, 0.2],
      noise: [8, 10, 12.5, 16, 30, 80, 150, 200, 260, 350],
      drawsMax: 5,
    }),
    simulated([1024, 2048, 4], {
      mixing: [0.0015, 0.0025, 0.0035, 0.005, 0.007, 0.015, 0.03, 0.04, 0.05, 0.065],
      noise: [14, 17, 20, 25, 33, 70, 150, 200, 280, 400, 660],
      drawsMax: 3,
      isCharted: true,
    }),
  ]
}

const INDEPENDENT_PAIRS = [
  ['cpt1', 's2'],
  ['s3', 'd9'],
  ['s2', 's1'],
  ['d9', 's2'],
  ['cpt1', 's3'],
  ['s1', 'd9'],
  ['s2', 's3'],
  ['cpt1', 'd9'],
  ['s3', 's1'],
] as const

/** Really trained, on generated text; of independent models, every one has its own seed. */
async function trained(): Promise<PowerCase> {
  const models = new Map<string, Loaded>()
  for (const name of new Set(INDEPENDENT_PAIRS.flat())) models.set(name, await load(name))
  return {
    name: 'trained models of testdata/models: width 48, MLP 96, 3 layers',
    drawsMax: INDEPENDENT_PAIRS.length,
    mixing: [0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3],
    noise: [1.5, 2, 3, 4, 6, 10, 14, 18, 24, 32],
    pair: async (draw) => {
      const [descendant, stranger] = INDEPENDENT_PAIRS[draw]!
      return { descendant: models.get(descendant)!, stranger: models.get(stranger)! }
    },
    isCharted: false,
  }
}

function simulated(
  [hidden, inner, layers]: readonly [number, number, number],
  options: Pick<PowerCase, 'mixing' | 'noise' | 'drawsMax'> & {
    readonly decay?: number
    readonly isCharted?: boolean
  },
): PowerCase {
  const shape = simulatedShape(hidden, inner, layers)
  const { decay = 0 } = options
  const rows = decay > 0 ? `, column variances k^−${decay}` : ''
  return {
    ...options,
    name: `simulated weights: width ${hidden}, MLP ${inner}, ${layers} layers${rows}`,
    isCharted: options.isCharted ?? false,
    pair: async (draw) => ({
      descendant: simulatedModel(shape, `descendant ${draw}`, decay),
      stranger: simulatedModel(shape, `stranger ${draw}`, decay),
    }),
  }
}

/** Eight query heads on two key and value heads, 512 tokens. */
export const simulatedShape = (
  hidden: number,
  inner: number,
  layers: number,
): TransformerShape => ({
  hidden,
  inner,
  layers,
  heads: 8,
  keyValueHeads: 2,
  vocabulary: 512,
})
