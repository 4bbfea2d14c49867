import type { JsonValue } from '../../base/canonical-json.ts'
import type { ComponentName } from '../role.ts'
import { elementCount } from '../tensor.ts'
import {
  isDualEncoder,
  isModelWrapper,
  isTokenTable,
  namedComponent,
  typedComponent,
} from './component-words.ts'
import { declaredType, wrapsLanguageModel } from './config-facts.ts'
import { type PlacedTensor, stackSizes } from './stacks.ts'
import { isBlockWord, isIndex } from './tensor-path.ts'

export type ComponentTensor = { readonly entry: PlacedTensor; readonly component: ComponentName }

/**
 * Gives every tensor its component. Named sub-modules keep their words; the rest belongs to
 * the whole, whose largest stack is its body and whose other stacks are named by their path.
 */
export function assignComponents(
  placed: readonly PlacedTensor[],
  config: JsonValue | undefined,
): { readonly whole: ComponentName; readonly tensors: readonly ComponentTensor[] } {
  const whole = wholeComponent(placed, config)
  const { ofStack, stems } = componentsOfStacks(placed, whole)
  const branches = branchesWithWeights(placed)
  const tensors = placed.map((entry) => {
    if (entry.residue !== undefined && /(?:^|\.)lora_/.test(entry.residue)) {
      return { entry, component: 'adapter' }
    }
    const component = branchOf(entry, branches) ?? componentOf(entry, ofStack, whole)
    const isStem = entry.stack !== null && stems.has(entry.stack)
    return { entry: isStem ? withoutStack(entry) : entry, component }
  })
  return { whole, tensors }
}

/** The outermost branch of an ONNX If or Loop that a tensor lies in: 'else_branch'. */
const branchName = ({ tensor }: PlacedTensor): string | undefined =>
  /^([^/@]*)@[^/]*\//.exec(tensor.name)?.[1]

/** Branches that hold matrices of their own are models of their own, one of which runs. */
function branchesWithWeights(placed: readonly PlacedTensor[]): ReadonlySet<string> {
  const holders = placed.filter(
    ({ tensor }) => tensor.shape.length >= 2 && elementCount(tensor.shape) > 64,
  )
  return new Set(holders.map(branchName).filter((name) => name !== undefined))
}

function branchOf(entry: PlacedTensor, branches: ReadonlySet<string>): string | undefined {
  const name = branchName(entry)
  return name !== undefined && branches.has(name) ? name : undefined
}

/** A repeated stem of convolutions is not a stack of blocks. */
const withoutStack = (entry: PlacedTensor): PlacedTensor => ({
  ...entry,
  stack: null,
  layer: null,
  prefix: entry.tokens.slice(0, -1),
  leaf: entry.tokens,
})

/** What the checkpoint is when its names do not divide it. */
function wholeComponent(
  placed: readonly PlacedTensor[],
  config: JsonValue | undefined,
): ComponentName {
  const type = declaredType(config)
  // A wrapper that also names a language model is none of its towers.
  const typed = wrapsLanguageModel(config) ? undefined : typedComponent(type)
  if (typed !== undefined) return typed
  if (isDualEncoder(placed.map(({ tokens }) => tokens))) return 'text_model'
  if (type !== '' || placed.some(({ tokens }) => tokens.some(isTokenTable))) return 'language_model'
  if (placed.some(isPatchConvolution)) return 'vision_encoder'
  if (placed.some(isFrameConvolution)) return 'audio_encoder'
  const isTransformer = placed.some(({ leaf }) => leaf.some((word) => /attn|attention/.test(word)))
  return isTransformer || holdsVocabulary(placed) ? 'language_model' : 'model'
}

/** The largest matrix is four times as long as wide and not repeated: a table of tokens. */
function holdsVocabulary(placed: readonly PlacedTensor[]): boolean {
  const matrices = placed.filter(({ tensor }) => tensor.shape.length === 2)
  const largest = matrices.reduce<readonly number[]>(
    (best, { tensor }) => (elementCount(tensor.shape) > elementCount(best) ? tensor.shape : best),
    [0],
  )
  const [rows = 0, cols = 0] = largest
  const alike = matrices.filter(({ tensor }) => tensor.shape.join() === largest.join())
  const isTable = alike.length <= 2 && alike.every(({ layer }) => layer === null)
  return matrices.length > 4 && isTable && cols > 1 && rows >= 4 * cols
}

/** A convolution that cuts an image of three colours into patches: [d, 3, p, p] with p > 3. */
const isPatchConvolution = ({ tensor, stack }: PlacedTensor): boolean => {
  const width = tensor.shape.at(-1) ?? 0
  return stack === null && tensor.shape.length >= 4 && tensor.shape[1] === 3 && width > 3
}

/** A convolution over spectrogram frames: [d, mel bands, 3]. */
const isFrameConvolution = ({ tensor, tokens, stack }: PlacedTensor): boolean =>
  stack === null && tensor.shape.length === 3 && tokens.some((word) => /^conv1?$/.test(word))

/** Parts without blocks that belong to the body although their path begins differently. */
const BELONGS_TO_BODY =
  /embed|norm|^ln|_ln$|pos|rope|rotary|freqs|head|stem|patch|pooler|^cls|score|classif|token|wte|wpe|output/

function componentOf(
  entry: PlacedTensor,
  ofStack: ReadonlyMap<string, ComponentName>,
  whole: ComponentName,
): ComponentName {
  if (entry.stack !== null) return ofStack.get(entry.stack) ?? whole
  const named = namedComponent(entry.tokens)
  if (named !== undefined) return named
  // A tensor outside the blocks belongs to the stack with which it shares the longest path.
  let best: ComponentName = whole
  let longest = 0
  for (const [stack, component] of ofStack) {
    const pattern = stack.split('.')
    let shared = 0
    while (shared < entry.prefix.length && entry.prefix[shared] === pattern[shared]) shared++
    if (shared > longest) {
      longest = shared
      best = component
    }
  }
  if (longest > 0) return best
  const own = entry.prefix.find((word) => !isModelWrapper(word) && !isIndex(word))
  const isApart = own !== undefined && !entry.tokens.some((word) => BELONGS_TO_BODY.test(word))
  return isApart && ofStack.size > 0 && whole === 'language_model' ? own : whole
}

type StackComponents = {
  readonly ofStack: ReadonlyMap<string, ComponentName>
  /** Repeated convolutions beside a body of their component. */
  readonly stems: ReadonlySet<string>
}

function componentsOfStacks(
  placed: readonly PlacedTensor[],
  whole: ComponentName,
): StackComponents {
  const order = [...stackSizes(placed)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const stacks = order.map(([stack]) => stack)
  const withMatrices = new Set(
    placed.filter(({ tensor }) => tensor.shape.length === 2).map(({ stack }) => stack),
  )
  const ofStack = new Map<string, ComponentName>()
  const stems = new Set<string>()
  const bodies = new Set<ComponentName>()
  const pair = encoderDecoder(placed, stacks)
  for (const stack of stacks) {
    const words = stack.split('.').filter((word) => word !== '*')
    const component = pair.get(stack) ?? namedComponent(words) ?? whole
    const isSecond = bodies.has(component) && component !== 'projector'
    const path = pathName(words)
    // stages.1.downsample lies around stages.1.blocks.0, which counts the blocks.
    const isAround = stacks.some((other) => other.startsWith(`${stack}.`))
    if (isSecond && (isAround || !withMatrices.has(stack))) stems.add(stack)
    // A second stack of the same component (mtp.layers) is a part of its own.
    const isPart = isSecond && !stems.has(stack) && path !== ''
    ofStack.set(stack, isPart ? path : component)
    bodies.add(component)
  }
  return { ofStack, stems }
}

/** Words of a prefix that say something, joined: talker.code_predictor. */
function pathName(prefix: readonly string[]): string {
  const words = prefix.filter((word) => !isIndex(word) && !isBlockWord(word))
  const meaningful = words.filter((word) => !isModelWrapper(word))
  return (meaningful.length > 0 ? meaningful : words).join('.')
}

/** Two stacks called encoder and decoder: which sense the encoder serves is in its stem. */
function encoderDecoder(
  placed: readonly PlacedTensor[],
  stacks: readonly string[],
): ReadonlyMap<string, ComponentName> {
  const unnamed = stacks.filter((stack) => namedComponent(stack.split('.')) === undefined)
  const encoder = unnamed.find((stack) => stack.split('.').includes('encoder'))
  const decoder = unnamed.find((stack) => stack.split('.').includes('decoder'))
  const result = new Map<string, ComponentName>()
  if (encoder === undefined || decoder === undefined) return result
  const stem = placed.filter(({ stack, tokens }) => stack === null && tokens.includes('encoder'))
  let sense: ComponentName = 'encoder'
  if (stem.some(isFrameConvolution)) sense = 'audio_encoder'
  else if (stem.some(isPatchConvolution)) sense = 'vision_encoder'
  result.set(encoder, sense)
  result.set(decoder, 'language_model')
  return result
}
