/**
 * Answers of a function that depends on a text alone, kept for texts that come again. Once there are `most` of
 * them all are let go, so that no file can fill the memory with names.
 */
export function remembered<T>(answerTo: (text: string) => T, most = 4096): (text: string) => T {
  const known = new Map<string, { readonly answer: T }>()
  return (text) => {
    const held = known.get(text)
    if (held) return held.answer
    const answer = answerTo(text)
    if (known.size >= most) known.clear()
    known.set(text, { answer })
    return answer
  }
}
