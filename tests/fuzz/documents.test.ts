import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import {
  datedCommitments,
  parseOpenings,
  parseTrainingRecord,
} from '../../packages/core/node/training/read-record.ts'
import {
  BUNDLE_START_BYTES,
  bundleHeaderBytes,
  decodeBundleHeader,
  encodeBundleHead,
  manifestOf,
} from '../../packages/core/src/audit/registry/bundle.ts'
import { readClaims } from '../../packages/core/src/audit/registry/claims.ts'
import type { Fingerprint } from '../../packages/core/src/audit/registry/fingerprint.ts'
import {
  decodeFingerprint,
  encodeFingerprint,
} from '../../packages/core/src/audit/registry/fingerprint-file.ts'
import { parseTrainingLog } from '../../packages/core/src/audit/technical/training/training-log.ts'
import {
  bothTokenRows,
  tokensOfSameFile,
} from '../../packages/core/src/audit/technical/vocabulary.ts'
import { memoryModel } from '../../packages/core/src/audit/testing/memory-model.ts'
import { BLOCK_FORMATS, type BlockFormat } from '../../packages/core/src/base/block-format.ts'
import { dequantiseBlocks } from '../../packages/core/src/numeric/dequantise/blocks.ts'
import { fuzz } from './fuzz.ts'

// What lies beside weights, against mutated inputs: fingerprints, bundles, records, logs, cards,
// tokenizers; and blocks of every format with any bits. FUZZ_INPUTS as in readers.test.ts.

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 250_000) / 10
const ROOT = join(import.meta.dirname, '../..')
const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const fileOf = (path: string) => bytesOf(readFileSync(join(ROOT, path), 'utf8'))

const FINGERPRINT: Fingerprint = {
  source: {
    id: 'org/tiny',
    commit: null,
    files: [{ path: 'a', sizeBytes: 1, digest: null }],
    date: '2026-01-15',
  },
  model: {
    format: 'safetensors',
    modelType: 'llama',
    licence: null,
    parameters: 64,
    layerCount: 1,
    tensorCount: 1,
    inventoryDigest: `sha256:${'0'.repeat(64)}`,
    config: {},
  },
  claims: { baseModels: ['org/base'], saysFromScratch: true, licence: 'mit' },
  tokenizer: { tokens: 5, buckets: new Uint32Array(256) },
  components: [
    {
      component: 'language_model',
      parameters: 64,
      dtype: 'BF16',
      sketches: [
        {
          role: 'up',
          width: 16,
          layers: 1,
          rowsPerLayer: 16,
          bits: new Uint8Array(128).fill(3),
          valid: new Uint8Array(2).fill(255),
          signs: { units: 16, positiveFirst: 4, positiveLargest: 4, positiveSum: 4 },
        },
      ],
      content: [{ label: '0/up', rows: 8, cols: 16, hashes: new Uint8Array(16) }],
      norms: {
        dims: 16,
        places: ['0/norm/pre_mlp'],
        scales: new Float32Array(1),
        values: new Int8Array(16),
      },
    },
  ],
}

/** With the digest of what it has become, so that more than the digest is read. */
function withDigest(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 32) return bytes
  const repaired = bytes.slice()
  repaired.set(sha256(repaired.subarray(0, -32)), repaired.length - 32)
  return repaired
}

const SIGNATURE = { publicKey: '0'.repeat(64), envelope: { payload: 'e30=', signatures: [] } }
const BUNDLED = [
  { id: 'org/b', sizeBytes: 3, digest: `sha256:${'1'.repeat(64)}` },
  { id: 'org/a', sizeBytes: 2, digest: `sha256:${'2'.repeat(64)}` },
]
const BUNDLES = [null, SIGNATURE].map((signature) => {
  const head = encodeBundleHead(manifestOf(BUNDLED), signature)
  return Uint8Array.from([...head, 1, 2, 3, 4, 5])
})

function readBundle(bytes: Uint8Array): void {
  const file = { name: 'known.dokja', sizeBytes: bytes.length }
  const length = bundleHeaderBytes(bytes.subarray(0, BUNDLE_START_BYTES), file)
  decodeBundleHeader(bytes.subarray(BUNDLE_START_BYTES, BUNDLE_START_BYTES + length), file)
}

const CARDS = [
  '---\nlicense: mit\nbase_model:\n- org/a\n- org/b\n---\n# Model\nIt was not trained from scratch.\n',
  '---\nlicense: &x apache-2.0\nbase_model: *x\n---\n처음부터 직접 학습한 모델입니다.',
].map(bytesOf)

const TOKENIZERS = [
  '{"model":{"type":"BPE","vocab":{"a":0,"b":1,"\\u0120c":2,"ab":3},"merges":["a b",["b","c"]]}}',
  '{"model":{"vocab":[["a",-1.5],["b",-2]],"merges":[]},"added_tokens":[{"id":4,"content":"<s>"}]}',
].map(bytesOf)

/** Counted or made, a vocabulary is the same, and broken in the same cases. */
function readTokenizer(bytes: Uint8Array): void {
  const model = () => {
    const { checkpoint } = memoryModel('m', {})
    return { ...checkpoint, texts: new Map([['tokenizer.json', textOf(bytes)]]) }
  }
  const [a, b] = [model(), model()]
  const counted = tokensOfSameFile(a, b)
  expect(counted).toBe(bothTokenRows(a, b).candidate?.size ?? null)
}

describe('fuzzed documents', () => {
  it.each([
    [
      'fingerprint',
      {
        seeds: [encodeFingerprint(FINGERPRINT)],
        read: (bytes) => decodeFingerprint(bytes, 'a.dokja'),
        repair: withDigest,
      },
    ],
    ['registry bundle', { seeds: BUNDLES, read: readBundle }],
    [
      'training record',
      {
        seeds: [fileOf('testdata/models/training/run-a/training-record.yaml')],
        read: (bytes) => parseTrainingRecord(textOf(bytes), 'r.yaml'),
        inputs: INPUTS / 10,
      },
    ],
    [
      'training log',
      {
        seeds: [
          'step,loss,lr\n0,5.5,0.1\n10,4.25,1e-3\n',
          '{"step":0,"loss":5.5}\n{"step":1,"loss":5,"lr":0.1}\n',
        ].map(bytesOf),
        read: (bytes) => parseTrainingLog(textOf(bytes), 'log.csv'),
      },
    ],
    [
      'commitments',
      {
        seeds: [fileOf('examples/korea-2026-stage1/record.jsonl')],
        read: (bytes) => datedCommitments(textOf(bytes), 'c.jsonl'),
        inputs: INPUTS / 25,
        refusedMax: INPUTS / 25,
      },
    ],
    [
      'openings',
      { seeds: [bytesOf('')], read: (bytes) => parseOpenings(textOf(bytes), 'o.jsonl') },
    ],
    [
      'model card',
      {
        seeds: CARDS,
        read: (bytes) => {
          const { checkpoint } = memoryModel('m', {})
          readClaims({ ...checkpoint, texts: new Map([['README.md', textOf(bytes)]]) })
        },
        refusedMin: 0,
      },
    ],
    ['tokenizer', { seeds: TOKENIZERS, read: readTokenizer, refusedMin: 0 }],
  ] as const satisfies readonly (readonly [
    string,
    Omit<Parameters<typeof fuzz>[1], 'inputs'> & { readonly inputs?: number },
  ])[])('%s', (name, job) => fuzz(name, { inputs: INPUTS, ...job }), 600_000)

  it.each(Object.keys(BLOCK_FORMATS) as BlockFormat[])(
    'blocks of %s: any bits are numbers',
    (format) => {
      const { elements, sizeBytes } = BLOCK_FORMATS[format]
      const blocks = 64
      const bytes = new Uint8Array(blocks * sizeBytes)
      const out = new Float32Array(blocks * elements)
      let written = 0
      for (let round = 0; round < 40; round++) {
        for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2654435761 * (round + 1)) >>> 24
        out.fill(0)
        dequantiseBlocks(format, bytes, out)
        written += out.reduce((sum, value) => sum + Number(value !== 0), 0)
      }
      expect(written).toBeGreaterThan(0)
    },
  )
})
