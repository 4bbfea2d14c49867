// The whole list of what the pure core asks of its host beyond the language itself.
// Anything else (files, network, clock, randomness, environment) fails to compile here.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes: Uint8Array | ArrayBuffer): string
}
