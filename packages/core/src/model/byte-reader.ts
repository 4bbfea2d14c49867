/** One file, readable in pieces. The port through which format readers see their bytes. */
export type ByteReader = {
  /** Path relative to the checkpoint's folder: goes into messages and `TensorStorage.file`. */
  readonly file: string
  readonly sizeBytes: number
  /**
   * Exactly the bytes [beginByte, endByte). The caller may keep them and never writes to them.
   * Throws AppError UNREADABLE if the file changed, is shorter, or cannot be read.
   */
  readonly read: (beginByte: number, endByte: number) => Promise<Uint8Array>
}

/** Bytes that are already in memory, as a file. */
export function memoryReader(file: string, bytes: Uint8Array): ByteReader {
  return {
    file,
    sizeBytes: bytes.length,
    read: async (beginByte, endByte) => bytes.subarray(beginByte, endByte),
  }
}
