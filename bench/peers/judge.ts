// What each tool said, held against what is known. What counts as "related" is each tool's own rule,
// and what it ought to say is judged by its own documents; bench/peers/README.md gives the sources.

export type Origin = 'descends' | 'independent' | 'shared_seed'

/** What is known of a candidate's weights against a reference, because both were made here. */
export type Truth = {
  readonly body: Origin
  readonly embeddings: Origin
  readonly encoder?: Origin
  /** The reference's hidden states were a training target; no weights were taken. */
  readonly isDistilled?: boolean
}

/** `in part`: the descent is found and named, while another component that descends stays silent. */
export type Judgement =
  | 'right'
  | 'in part'
  | 'missed'
  | 'false alarm'
  | 'wrong word'
  | 'no answer'
  | 'not judged'

export const WRONG: readonly Judgement[] = ['missed', 'false alarm', 'wrong word']

/** One yes or no for the pair; `null` where nothing can be held against the tool. */
export function judgeYesNo(isRelated: boolean, expected: boolean | null): Judgement {
  if (expected === null) return 'not judged'
  if (isRelated === expected) return 'right'
  return expected ? 'missed' : 'false alarm'
}

/**
 * φ_U reads the MLPs of the body: that is the statement held against it. Its hypothesis excludes a
 * shared seed and a teacher as well, but its authors name no level of p for those.
 */
export function expectedOfPhiU({ body, isDistilled }: Truth): boolean | null {
  if (body === 'descends') return true
  return body === 'shared_seed' || isDistilled ? null : false
}

/** AWM reads the attention of the body; of seeds and teachers its documents say nothing. */
export const expectedOfAwm = expectedOfPhiU

/**
 * MPK's constitution 1.0.0: descent of trained weights is provenance (C1, C3), a teacher is (C2), a
 * shared seed is not (4.4); an encoder with a parent of its own is an open question (10.2, 9).
 */
export function expectedOfMpk({ body, embeddings, encoder, isDistilled }: Truth): boolean | null {
  if (body === 'descends' || embeddings === 'descends' || isDistilled) return true
  return encoder === 'descends' ? null : false
}

export type Components = Readonly<Record<string, string>>
type Allowed = Readonly<Record<string, readonly string[]>>

const NOTHING = ['no_evidence', 'not_testable']

const isSilent = (verdict: string) => NOTHING.includes(verdict)

/**
 * Dokja names components: every one that is known must carry an allowed verdict. One that should
 * have spoken and is silent is a miss, unless another one gives the descent away.
 */
export function judgeComponents(found: Components, allowed: Allowed): Judgement {
  const judged = Object.entries(allowed).map(([component, words]): Judgement => {
    const verdict = found[component] ?? 'not_testable'
    if (words.includes(verdict)) return 'right'
    if (isSilent(verdict)) return 'missed'
    return words.every(isSilent) ? 'false alarm' : 'wrong word'
  })
  const fault = (['false alarm', 'wrong word'] as const).find((word) => judged.includes(word))
  if (fault) return fault
  if (!judged.includes('missed')) return 'right'
  const isGivenAway = Object.entries(allowed).some(
    ([component, words]) => !words.every(isSilent) && words.includes(found[component] ?? ''),
  )
  return isGivenAway ? 'in part' : 'missed'
}
