import { AppError } from '../../src/base/errors.ts'
import { quoted } from '../../src/base/quoted.ts'

export type WeightChoice =
  | { readonly kind: 'index'; readonly index: string }
  | { readonly kind: 'safetensors'; readonly files: readonly string[] }
  | { readonly kind: 'onnx'; readonly file: string }
  /** The parts of one model, in order. */
  | { readonly kind: 'gguf'; readonly files: readonly string[] }
  /** Archives of torch.save; read only if they hold nothing but a table of tensors. */
  | { readonly kind: 'torch'; readonly files: readonly string[] }

export type ChosenWeights = { readonly choice: WeightChoice; readonly notes: readonly string[] }

export type FolderContents = {
  /** What lies directly in the folder, folders left out. */
  readonly names: readonly string[]
  /** What lies in its folder `onnx`. */
  readonly onnxSubfolder: readonly string[]
  /** Other folders in it that hold weights, asked for only where it has none itself. */
  readonly weightFolders: readonly string[]
}

/** Where exports for the browser put the graph of a model kept in another format. */
export const ONNX_FOLDER = 'onnx'

const INDEX = /\.safetensors\.index\.json$/
const PICKLE = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib)$/i
const TORCH = /\.(bin|pt|pth|ckpt)$/i
/** What training leaves beside the weights. */
const TRAINING_STATE = /^(?:training_args|optimizer|scheduler|scaler|rng_state\w*)\.\w+$/
const TORCH_PART = /^(.+)-(\d{5})-of-(\d{5})\.(?:bin|pt|pth)$/i
const OTHER_FORMAT = /\.(ggml|h5|msgpack|tflite|pb|mlmodel|mar|nemo|zip|tar|gz|7z)$/i
const GGUF = /\.gguf$/i
const GGUF_PART = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i
const SHARD = /^(.+)-(\d{5})-of-(\d{5})\.safetensors$/

export const PICKLE_REASON = 'pickle files can run code when opened; dokja never opens them'
export const PICKLE_HINT =
  'ask the maker for safetensors, or convert a copy on a machine that you can afford to lose'

/**
 * Which files are the model, from the names in its folder. The order: an index; else
 * model.safetensors; else all safetensors files together; else the only ONNX file (here, or in
 * `onnx/`); else the only GGUF model; else the
 * only PyTorch model. Where two readers could disagree the choice is refused and left to the user.
 *
 * Throws AppError CHECKPOINT_INVALID (ambiguous, incomplete, empty) or FORMAT_UNSUPPORTED.
 */
export function chooseWeights(folder: string, contents: FolderContents): ChosenWeights {
  const { names, onnxSubfolder, weightFolders } = contents
  if (weightFolders.some((name) => name !== ONNX_FOLDER)) throw noWeights(folder, contents)
  const safetensors = names.filter((name) => name.endsWith('.safetensors'))
  const onnx = names.filter((name) => name.endsWith('.onnx'))
  const nested = onnxSubfolder
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => `${ONNX_FOLDER}/${name}`)
  const choice =
    chooseIndex(folder, names, safetensors) ??
    chooseSafetensors(folder, safetensors) ??
    chooseOnnx(folder, onnx.length > 0 ? onnx : nested) ??
    chooseGguf(folder, names) ??
    chooseTorch(folder, names)
  if (choice === undefined) throw noWeights(folder, contents)
  return {
    choice,
    notes: unreadNotes(choice, names, [
      ...safetensors,
      ...onnx,
      ...nested,
      ...names.filter(isGguf),
    ]),
  }
}

/**
 * What a single file's name says to read. Throws AppError FORMAT_UNSUPPORTED.
 */
export function chooseFile(path: string, name: string): ChosenWeights {
  if (name.endsWith('.safetensors')) {
    const total = Number(SHARD.exec(name)?.[3] ?? 1)
    const notes = total > 1 ? [`only ${name} was read, one of ${total} shards of a model`] : []
    return { choice: { kind: 'safetensors', files: [name] }, notes }
  }
  if (INDEX.test(name)) return { choice: { kind: 'index', index: name }, notes: [] }
  if (name.endsWith('.onnx')) return { choice: { kind: 'onnx', file: name }, notes: [] }
  if (isGguf(name)) return { choice: { kind: 'gguf', files: partsOf(path, name) }, notes: [] }
  if (TORCH.test(name)) return { choice: { kind: 'torch', files: [name] }, notes: [] }
  throw refuseFile(path)
}

const isGguf = (name: string): boolean => GGUF.test(name)

/** Whether a file of this name could be chosen. */
export function isWeightFile(name: string): boolean {
  return name.endsWith('.safetensors') || name.endsWith('.onnx') || isGguf(name)
}

/** Whether a name is that of a weight file of any kind, read or refused, rather than of a folder. */
export const namesWeights = (name: string): boolean =>
  isWeightFile(name) || [INDEX, PICKLE, OTHER_FORMAT].some((pattern) => pattern.test(name))

/** Why a single file of another kind cannot be opened. */
function refuseFile(path: string): AppError {
  if (PICKLE.test(path)) return unsupported(path, PICKLE_REASON, PICKLE_HINT)
  return unsupported(
    path,
    'not a kind of weight file that is read',
    'read are .safetensors, .safetensors.index.json, .onnx, .gguf and archives of torch.save, or a folder that holds them',
  )
}

function chooseIndex(
  folder: string,
  names: readonly string[],
  safetensors: readonly string[],
): WeightChoice | undefined {
  const indexes = names.filter((name) => INDEX.test(name))
  if (indexes.length === 0) return undefined
  const preferred = 'model.safetensors.index.json'
  const [first] = indexes.includes(preferred) ? [preferred] : indexes
  if (first === undefined || (indexes.length > 1 && first !== preferred)) {
    throw ambiguous(folder, 'several index files', indexes)
  }
  const whole = first.replace('.index.json', '')
  // Loaders disagree about which of the two wins, so one could show weights that the other hides.
  if (safetensors.includes(whole)) {
    throw ambiguous(folder, 'both a whole file and an index of shards', [whole, first])
  }
  return { kind: 'index', index: first }
}

function chooseSafetensors(
  folder: string,
  safetensors: readonly string[],
): WeightChoice | undefined {
  if (safetensors.length === 0) return undefined
  if (safetensors.includes('model.safetensors')) {
    return { kind: 'safetensors', files: ['model.safetensors'] }
  }
  const stems = new Map<string, { readonly total: number; readonly numbers: Set<number> }>()
  for (const name of safetensors) {
    const [, stem, number, total] = SHARD.exec(name) ?? []
    if (stem === undefined) continue
    const key = `${stem}-of-${total}`
    const group = stems.get(key) ?? { total: Number(total), numbers: new Set() }
    group.numbers.add(Number(number))
    stems.set(key, group)
  }
  for (const [key, { total, numbers }] of stems) {
    if (numbers.size === total) continue
    throw new AppError(
      'CHECKPOINT_INVALID',
      `${folder}: ${numbers.size} of the ${total} shards of ${quoted(key)} are here`,
      { hint: 'fetch the missing shards, or name one file to read it alone' },
    )
  }
  return { kind: 'safetensors', files: safetensors }
}

function chooseOnnx(folder: string, files: readonly string[]): WeightChoice | undefined {
  const [file, ...others] = files
  if (file === undefined) return undefined
  if (others.length > 0) throw ambiguous(folder, 'several onnx files', files)
  return { kind: 'onnx', file }
}

/** A projector for images (mmproj) lies beside the language model that it belongs to. */
function chooseGguf(folder: string, names: readonly string[]): WeightChoice | undefined {
  const all = names.filter(isGguf)
  const models = all.filter((name) => !/^mmproj/i.test(name))
  const files = models.length > 0 ? models : all
  const [first, ...others] = files
  if (first === undefined) return undefined
  const parts = partsOf(folder, first)
  const foreign = others.filter((name) => !parts.includes(name))
  if (foreign.length > 0) throw ambiguous(folder, 'several gguf models', files)
  return { kind: 'gguf', files: parts }
}

/** pytorch_model.bin, or its shards, or the only other archive. */
function chooseTorch(folder: string, names: readonly string[]): WeightChoice | undefined {
  const files = names.filter((name) => TORCH.test(name) && !TRAINING_STATE.test(name))
  const [first, ...others] = files
  if (first === undefined) return undefined
  if (files.includes('pytorch_model.bin')) return { kind: 'torch', files: ['pytorch_model.bin'] }
  if (others.length === 0) return { kind: 'torch', files }
  const parts = files.map((name) => TORCH_PART.exec(name))
  const [, stem, , total] = parts[0] ?? []
  const isWhole =
    parts.every((part) => part?.[1] === stem && part?.[3] === total) &&
    files.length === Number(total)
  if (stem === undefined || !isWhole) throw ambiguous(folder, 'several pytorch files', files)
  return { kind: 'torch', files }
}

/** The names of all parts of the model that this file is a part of. */
function partsOf(path: string, name: string): readonly string[] {
  const [, stem, , total] = GGUF_PART.exec(name) ?? []
  if (stem === undefined || total === undefined) return [name]
  const count = Number(total)
  if (count < 1 || count > MAX_PARTS) {
    throw new AppError('CHECKPOINT_INVALID', `${path}: ${count} parts`, {
      hint: `a model has 1 to ${MAX_PARTS} parts`,
    })
  }
  return Array.from({ length: count }, (_, i) => {
    const number = String(i + 1).padStart(5, '0')
    return `${stem}-${number}-of-${total}${name.slice(-'.gguf'.length)}`
  })
}

const MAX_PARTS = 10_000

function unreadNotes(
  choice: WeightChoice,
  names: readonly string[],
  candidates: readonly string[],
): readonly string[] {
  const chosen = new Set(
    choice.kind === 'onnx' ? [choice.file] : choice.kind === 'index' ? [] : choice.files,
  )
  const pickles = names.filter((name) => PICKLE.test(name) && !chosen.has(name))
  const others = names.filter((name) => OTHER_FORMAT.test(name))
  // Which safetensors files an index leaves out is only known once it has been read.
  const unread = candidates.filter(
    (name) => !chosen.has(name) && (choice.kind !== 'index' || !name.endsWith('.safetensors')),
  )
  const notes: string[] = []
  if (pickles.length > 0) notes.push(`not opened: ${listed(pickles)} (${PICKLE_REASON})`)
  if (others.length > 0) notes.push(`not read: ${listed(others)} (formats that are not supported)`)
  if (unread.length > 0) notes.push(unreadNote(unread))
  return notes
}

export function unreadNote(files: readonly string[]): string {
  return `not read: ${listed(files)} (other weights in the same folder; name one to read it)`
}

function noWeights(folder: string, { names, weightFolders }: FolderContents): AppError {
  if (weightFolders.some((name) => name !== ONNX_FOLDER)) {
    const message = `${folder}: no weights here, only in ${listed(weightFolders)}`
    return new AppError('CHECKPOINT_INVALID', message, {
      hint: 'each of these folders is a model of its own: name one',
    })
  }
  const pickles = names.filter((name) => PICKLE.test(name))
  if (pickles.length > 0) {
    return unsupported(folder, `only ${listed(pickles)}: ${PICKLE_REASON}`, PICKLE_HINT)
  }
  const others = names.filter((name) => OTHER_FORMAT.test(name))
  const [first] = others
  if (first !== undefined) {
    const { message, hint } = refuseFile(first)
    return new AppError('FORMAT_UNSUPPORTED', `${folder}: ${message}`, hint ? { hint } : {})
  }
  return new AppError('CHECKPOINT_INVALID', `${folder}: no weights in this folder`, {
    hint: 'name a folder with .safetensors, .onnx or .gguf files, or such a file itself',
  })
}

function ambiguous(folder: string, what: string, files: readonly string[]): AppError {
  return new AppError('CHECKPOINT_INVALID', `${folder}: ${what}: ${listed(files)}`, {
    hint: 'name the one that is meant instead of the folder',
  })
}

function unsupported(path: string, what: string, hint: string): AppError {
  return new AppError('FORMAT_UNSUPPORTED', `${path}: ${what}`, { hint })
}

export function listed(files: readonly string[]): string {
  const shown = files.slice(0, 5).map((file) => (/^[\w.@+/-]+$/.test(file) ? file : quoted(file)))
  const more = files.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
