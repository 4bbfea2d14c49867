import { assert } from '../../src/base/errors.ts'
import { decodeUtf8 } from '../../src/base/utf8.ts'

/** Texts of files, each decoded when it is asked for: a long tokenizer mostly is not. */
export class DecodedTexts implements ReadonlyMap<string, string> {
  readonly #bytes: ReadonlyMap<string, Uint8Array>
  readonly #decoded = new Map<string, string>()

  /** @param bytes well-formed UTF-8, by file name */
  constructor(bytes: ReadonlyMap<string, Uint8Array>) {
    this.#bytes = bytes
  }

  get size(): number {
    return this.#bytes.size
  }

  has(name: string): boolean {
    return this.#bytes.has(name)
  }

  get(name: string): string | undefined {
    const known = this.#decoded.get(name)
    if (known !== undefined) return known
    const bytes = this.#bytes.get(name)
    if (bytes === undefined) return undefined
    const decoded = decodeUtf8(bytes)
    assert(decoded.kind === 'text', `${name} was found to be UTF-8`)
    this.#decoded.set(name, decoded.text)
    return decoded.text
  }

  keys(): MapIterator<string> {
    return this.#bytes.keys()
  }

  *entries(): MapIterator<[string, string]> {
    for (const name of this.#bytes.keys()) yield [name, this.get(name) as string]
  }

  *values(): MapIterator<string> {
    for (const [, text] of this.entries()) yield text
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries()
  }

  forEach(visit: (text: string, name: string, texts: ReadonlyMap<string, string>) => void): void {
    for (const [name, text] of this.entries()) visit(text, name, this)
  }
}
