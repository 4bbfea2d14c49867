import { createRng } from '../../packages/core/src/base/rng.ts'

const BYTES = 256
const LENGTH_MAX = 12

/** The printable stand-ins of the 256 bytes in byte-level BPE, in the order of GPT-2's table. */
function byteSymbols(): string[] {
  let spare = BYTES
  return Array.from({ length: BYTES }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    return String.fromCodePoint(isPrintable ? byte : spare++)
  })
}

/**
 * A byte-level BPE tokenizer of `size` tokens in the layout of tokenizer.json: every token past the
 * bytes joins two earlier ones, by a merge of its own. Invented words, seeded; some megabytes, as a
 * vocabulary of that size takes.
 */
export function inventedTokenizer(size: number): unknown {
  const rng = createRng('peers/tokenizer')
  const vocab = new Map(byteSymbols().map((symbol, id) => [symbol, id] as const))
  const tokens = [...vocab.keys()]
  const merges: [string, string][] = []
  while (tokens.length < size) {
    const [left, right] = [tokens[rng.nextInt(tokens.length)]!, tokens[rng.nextInt(tokens.length)]!]
    const joined = left + right
    if (joined.length > LENGTH_MAX || vocab.has(joined)) continue
    vocab.set(joined, tokens.length)
    tokens.push(joined)
    merges.push([left, right])
  }
  const byteLevel = {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  }
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: Object.fromEntries(vocab), merges },
  }
}
