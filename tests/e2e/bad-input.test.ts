import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokja, modelPath, ROOT } from './run-cli.ts'

// Files come from adversaries. Each must end with status 2, an error that names the place, a hint,
// and nothing written.

const scratch = mkdtempSync(join(tmpdir(), 'dokja-bad-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }

function safetensors(header: Record<string, Entry> | string, data: Uint8Array): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}

const tensor = (begin: number, end: number, shape: number[], dtype = 'F32'): Entry => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

const floats = (count: number, value = 0.5) =>
  new Uint8Array(new Float32Array(count).fill(value).buffer)

const NAME = 'model.layers.0.mlp.up_proj.weight'
const good = safetensors({ [NAME]: tensor(0, 256, [8, 8]) }, floats(64))

const CASES: Record<
  string,
  { readonly files: Record<string, Buffer | string>; readonly names: RegExp }
> = {
  'a truncated file': {
    files: { 'model.safetensors': good.subarray(0, good.length - 10) },
    names: /model\.safetensors/,
  },
  'a file that ends within its header': {
    files: { 'model.safetensors': good.subarray(0, 20) },
    names: /model\.safetensors/,
  },
  'overlapping tensors': {
    files: {
      'model.safetensors': safetensors(
        { a: tensor(0, 256, [8, 8]), b: tensor(128, 384, [8, 8]) },
        floats(96),
      ),
    },
    names: /model\.safetensors.*\b[ab]\b/s,
  },
  'a hole between tensors': {
    files: {
      'model.safetensors': safetensors(
        { a: tensor(0, 256, [8, 8]), b: tensor(300, 556, [8, 8]) },
        floats(139),
      ),
    },
    names: /model\.safetensors.*\bb\b/s,
  },
  'a tensor name twice': {
    files: {
      'model.safetensors': safetensors(
        `{"a":${JSON.stringify(tensor(0, 256, [8, 8]))},"a":${JSON.stringify(tensor(0, 256, [4, 16]))}}`,
        floats(64),
      ),
    },
    names: /model\.safetensors.*\ba\b/s,
  },
  'a shape that does not fit its bytes': {
    files: { 'model.safetensors': safetensors({ a: tensor(0, 256, [8, 9]) }, floats(64)) },
    names: /model\.safetensors.*\ba\b/s,
  },
  'an unknown element type': {
    files: { 'model.safetensors': safetensors({ a: tensor(0, 256, [8, 8], 'Q9') }, floats(64)) },
    names: /model\.safetensors.*\ba\b/s,
  },
  'bytes after the last tensor': {
    files: { 'model.safetensors': Buffer.concat([good, Buffer.alloc(9)]) },
    names: /model\.safetensors/,
  },
  'a missing shard': {
    files: {
      'model.safetensors.index.json': JSON.stringify({
        weight_map: {
          [NAME]: 'model-00001-of-00002.safetensors',
          b: 'model-00002-of-00002.safetensors',
        },
      }),
      'model-00001-of-00002.safetensors': good,
    },
    names: /model-00002-of-00002\.safetensors/,
  },
  'an index that points out of the folder': {
    files: {
      'model.safetensors.index.json': JSON.stringify({
        weight_map: { [NAME]: '../../outside.safetensors' },
      }),
    },
    names: /index\.json/,
  },
  'a pickle': {
    files: { 'pytorch_model.bin': Buffer.from('80049503000000000000004e2e', 'hex') },
    names: /pickle/,
  },
  'an empty folder': { files: {}, names: /bad-input|folder|model/ },
  'a damaged ONNX file': {
    files: { 'model.onnx': Buffer.from('080712ffffffffffffffffff7f', 'hex') },
    names: /model\.onnx/,
  },
  'a config that is not JSON': {
    files: { 'model.safetensors': good, 'config.json': '{"hidden_size": 8,' },
    names: /config\.json/,
  },
}

describe('bad input', () => {
  it.each(Object.entries(CASES))('%s', (name, { files, names }) => {
    const folder = join(scratch, name.replaceAll(/\W/g, '-'))
    const out = join(scratch, `${name.replaceAll(/\W/g, '-')}-out`)
    mkdirSync(folder)
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
    const reference = join(scratch, 'good')
    if (!existsSync(reference)) {
      mkdirSync(reference)
      writeFileSync(join(reference, 'model.safetensors'), good)
    }
    for (const args of [
      ['compare', folder, reference, '--out', out],
      ['audit', reference, '--against', folder, '--out', out, '--json'],
    ]) {
      const run = dokja(args)
      expect(run.status, run.stderr).toBe(2)
      expect(run.stdout).toBe('')
      expect(run.stderr).toMatch(/^error: .+\nhint: .+\n$/)
      expect(run.stderr).toMatch(names)
      expect(existsSync(out)).toBe(false)
    }
  })

  it('weights that are no numbers end no audit: the report says what could not be tested', () => {
    const folder = join(scratch, 'nan')
    cpSync(join(ROOT, modelPath('s1')), folder, { recursive: true })
    const file = join(folder, 'model.safetensors')
    const bytes = readFileSync(file)
    // The NaN of bfloat16, over all data.
    bytes.fill(Buffer.from([0xc0, 0x7f]), 8 + Number(bytes.readBigUInt64LE()))
    writeFileSync(file, bytes)
    for (const [args, model] of [
      [['compare', folder, modelPath('s1')], 'the candidate'],
      [['audit', modelPath('sft1'), '--against', folder], 'the reference'],
    ] as const) {
      const run = dokja(args)
      expect(run.status, run.stderr).toBe(3)
      const text = run.stdout.replaceAll(/\s+/g, ' ')
      expect(text).toContain(`In ${model}, 100% of the values read are no numbers`)
      expect(text).toContain('row 0 of lm_head.weight (counted from 0)')
    }
  })

  it('a name that does not exist, a missing argument, an unknown option', () => {
    for (const args of [
      ['compare', '/nonexistent/model', modelPath('s1')],
      ['compare', modelPath('s1')],
      ['compare', modelPath('s1'), modelPath('s2'), '--wrong'],
      ['audit', modelPath('s1'), '--budget', 'plenty'],
      ['nonsense'],
    ]) {
      const run = dokja(args)
      expect(run.status, args.join(' ')).toBe(2)
      expect(run.stderr).toMatch(/error: /)
      expect(run.stdout).toBe('')
    }
  })

  it('a report folder that cannot be written leaves nothing behind', () => {
    const file = join(scratch, 'occupied')
    writeFileSync(file, 'a file where a folder is wanted')
    const run = dokja(['compare', modelPath('s2'), modelPath('s1'), '--out', file])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/error: .*report/)
    expect(readdirSync(scratch).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('follows a link that the user made, as model hubs do', () => {
    const link = join(scratch, 'linked')
    mkdirSync(link)
    symlinkSync(join(scratch, 'good', 'model.safetensors'), join(link, 'model.safetensors'))
    expect(dokja(['compare', link, modelPath('s1')]).status).not.toBe(2)
  })
})
