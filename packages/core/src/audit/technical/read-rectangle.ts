import type { TensorSource } from '../../model/checkpoint.ts'
import type { TensorInfo } from '../../model/tensor.ts'

const SPAN_BYTES = 8 * 2 ** 20
/** Lines shorter than this are read whole: a seek costs more than the bytes between. */
const SHORT_LINE_BYTES = 16_384
const READS_AT_ONCE = 16

/** Bytes [beginByte, endByte) of every line of a stored matrix. */
export type Rectangle = {
  readonly lines: number
  readonly lineBytes: number
  readonly beginByte: number
  readonly endByte: number
}

/** The rectangle, line after line without gaps. Narrow parts of long lines are read one by one. */
export async function readRectangle(
  source: TensorSource,
  tensor: TensorInfo,
  rectangle: Rectangle,
): Promise<Uint8Array> {
  const { lines, lineBytes, beginByte, endByte } = rectangle
  const width = endByte - beginByte
  if (width === lineBytes) return source.readBytes(tensor, 0, lines * lineBytes)
  const out = new Uint8Array(lines * width)
  const readsWhole = lineBytes <= SHORT_LINE_BYTES || width * 4 >= lineBytes
  const perRead = readsWhole ? Math.max(1, Math.floor(SPAN_BYTES / lineBytes)) : 1
  const readOne = async (line: number): Promise<void> => {
    const count = Math.min(perRead, lines - line)
    const from = line * lineBytes + beginByte
    const bytes = await source.readBytes(tensor, from, from + (count - 1) * lineBytes + width)
    for (let i = 0; i < count; i++) {
      const at = i * lineBytes
      out.set(bytes.subarray(at, at + width), (line + i) * width)
    }
  }
  const step = perRead * (readsWhole ? 1 : READS_AT_ONCE)
  for (let line = 0; line < lines; line += step) {
    const starts: number[] = []
    for (let at = line; at < Math.min(lines, line + step); at += perRead) starts.push(at)
    await Promise.all(starts.map(readOne))
  }
  return out
}

/** Little-endian 32-bit words, moved to an aligned place. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer)
}
