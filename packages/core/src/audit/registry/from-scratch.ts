/**
 * Does a text claim that its model was trained from nothing? Read are sentences of English and Korean
 * cards; one that denies it, supposes it, or says it of a tokenizer claims nothing. What is found is a
 * question to ask, never a verdict.
 */

const SCRATCH = String.raw`from[ -](?:the\s+)?(?:scratch|ground[ -]up)`
const CHANCE = String.raw`from\s+(?:a\s+)?random(?:ly)?[ -]initiali[sz](?:ation|ed)`
/** Finite forms alone: "training from scratch is expensive" says nothing of this model. */
const DID = String.raw`(?:(?:pre-?)?trained|built|developed|created|we\s+(?:[\w-]+\s+)?(?:(?:pre-?)?train|build|develop))`
const ENGLISH = [
  String.raw`\b${DID}\b(?<between>[^.!?;:\n]{0,60}?)\b(?:${SCRATCH}|${CHANCE})\b`,
  String.raw`\b${SCRATCH}(?:\s+[\w-]+){0,3}?\s+(?:models?|llms?|(?:pre-?)?training)\b(?!\s+(?:is|are|can|could|may|might|would|requires?|needs?)\b)`,
]
const NOTHING_KO = String.raw`(?:프롬[ -]?스크래치|from[ -]scratch|처음부터(?!\s*끝까지)|(?:밑|맨)?바닥부터)`
const DID_KO = '학습|훈련|개발|구축'
const KOREAN = [
  String.raw`${NOTHING_KO}[^.\n]{0,40}?(?:${DID_KO})[^.\n]{0,30}`,
  String.raw`(?:프롬[ -]?스크래치|from[ -]scratch)(?:\s*방식의)?(?:\s+[\w가-힣-]+){0,3}?\s*(?:모델|LLM)[^.\n]{0,20}`,
  String.raw`(?:${DID_KO})[은는을를]?\s*(?:모두\s*)?${NOTHING_KO}\s*(?:다시\s*|직접\s*|새로\s*)?(?:수행|진행|시작|했)[^.\n]{0,20}`,
]
const CLAIM = new RegExp([...ENGLISH, ...KOREAN].join('|'), 'gi')

/** Words before the claim that take it back: they reach over adverbs and auxiliaries, not over a clause. */
const NEGATED_BEFORE =
  /(?:\b(?:not|never|neither|nor|no|without|cannot|rather than|instead of|nobody|none|than|opposed to|compared (?:to|with)|avoid\w*|could|would|should|might|if|whether)\b|n['’]t\b)(?:,[^,.;]{1,40},|\s+(?!but\b|only\b|and\b|which\b|that\b)[\w'’-]+){0,5}\s*$/i
/** "not only trained from scratch but" affirms. */
const AFFIRMED_BEFORE = /\bnot\s+(?:only|just|merely)(?:\s+[\w'’-]+){0,4}\s*$/i
/** Between verb and claim: "trained on top of it, not from scratch". */
const NEGATED_BETWEEN = /\b(?:not|never|than|instead of|opposed to|without|unlike|nor)\b|n['’]t\b/i
/** Korean verbs are negated behind: 하지 않았다, 한 것이 아니다, 못했다; 하는 대신, 할 필요. */
const NEGATED_KOREAN =
  /(?:학습|훈련|개발|구축|수행|진행|시작|스크래치|scratch|모델|LLM)(?:(?!지만|으나)[^.\n]){0,20}?(?:지\s*(?:는|도)?\s*(?:않|못)|것[이은]?\s*(?:는\s*)?아[니닙닌님]|[이가은는]?\s*아[니닙닌님]|(?:한|된)\s*(?:적|바)[이은]?\s*없|못\s*[하했됐되]|안\s*[하했됐되]|[할될]\s*(?:필요|수\s)|[는한]\s*대신|기\s*보다|하려면)/i
/** The nearest of these before the end of the claim is what it speaks of. */
const PART =
  /(?<!\b(?:and|및)\s+(?:(?:its|the|our|a)\s+)?)(?:tokeni[sz]er|vocabulary|토크나이저|어휘)(?!\s*(?:and|및|와|과)(?![가-힣]))/gi
const WHOLE =
  /\b(?:models?|llms?|networks?|encoders?|decoders?|weights|it|ours|we)\b|모델|인코더|디코더/gi

/** Characters before a claim that are read for a negation. */
const REACH = 120

/** Does the text claim training from scratch, in a sentence that does not deny it? */
export function claimsFromScratch(text: string): boolean {
  // Lines of one paragraph are one text.
  const joined = text.replace(/[ \t]*\r?\n(?=[ \t]*[a-z가-힣])/g, ' ')
  for (const match of joined.matchAll(CLAIM)) {
    const before = joined.slice(Math.max(0, match.index - REACH), match.index)
    const sentence = before.split(/[.!?;:\n]/).at(-1) ?? ''
    if (!isDenied(sentence, match) && !isOfPart(`${sentence}${match[0]}`)) return true
  }
  return false
}

function isDenied(sentence: string, match: RegExpExecArray): boolean {
  if (NEGATED_BEFORE.test(sentence) && !AFFIRMED_BEFORE.test(sentence)) return true
  return NEGATED_BETWEEN.test(match.groups?.['between'] ?? '') || NEGATED_KOREAN.test(match[0])
}

const isOfPart = (said: string): boolean => lastOf(PART, said) > lastOf(WHOLE, said)

const lastOf = (pattern: RegExp, text: string): number =>
  [...text.matchAll(pattern)].at(-1)?.index ?? -1
