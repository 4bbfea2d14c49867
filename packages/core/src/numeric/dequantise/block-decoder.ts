/** Decodes one block that begins at byte `at`; its elements go to `out` from `to` on. */
export type BlockDecoder = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void
