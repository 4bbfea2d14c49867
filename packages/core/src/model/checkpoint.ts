import type { JsonValue } from '../base/canonical-json.ts'
import type { JsonCounter } from '../base/json-bytes.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import type { TensorInfo } from './tensor.ts'

export type CheckpointFile = { readonly path: string; readonly sizeBytes: number }

/** A model as its files state it: names, shapes and places of tensors, and the texts beside them. */
export type Checkpoint = {
  /** What reports call it: a name, a hub id with its commit, or an address without secrets. */
  readonly id: string
  /** Where it lies on the reader's machine. Reports are published and never show it. */
  readonly place?: string
  readonly format: 'safetensors' | 'onnx' | 'gguf' | 'torch'
  /** Sorted by name, every name once. */
  readonly tensors: readonly TensorInfo[]
  readonly files: readonly CheckpointFile[]
  /** `config.json`, or what a GGUF file's metadata says of the same; undefined where there is none. */
  readonly config: JsonValue | undefined
  /** The computation graph; only ONNX carries one. */
  readonly graph: OnnxGraph | undefined
  /**
   * `tokenizer.json` and its like, by file name; texts above the size bound are left out. The
   * vocabulary of a GGUF file stands here as a `tokenizer.json`.
   */
  readonly texts: ReadonlyMap<string, string>
  /** Bytes of those texts that are files, well-formed UTF-8: asked first where the text is long. */
  readonly textBytes?: ReadonlyMap<string, Uint8Array>
  /** Counts long values in them; the plain one where none is given. */
  readonly jsonCounter?: JsonCounter
  /** What was left unread or assumed, in plain words, one sentence each. */
  readonly notes: readonly string[]
}

/** The port through which the pure core reads weights. Implemented in core/node. */
export type TensorSource = {
  readonly checkpoint: Checkpoint
  /**
   * Bytes [beginByte, endByte) counted from the tensor's own first byte.
   * They may be put into `room`, which is as long, or come in bytes of their own.
   * Throws AppError UNREADABLE if the file changed or cannot be read.
   */
  readonly readBytes: (
    tensor: TensorInfo,
    beginByte: number,
    endByte: number,
    room?: Uint8Array,
  ) => Promise<Uint8Array>
  /** Bytes read so far, headers included. */
  readonly bytesRead: () => number
  readonly close: () => Promise<void>
}
