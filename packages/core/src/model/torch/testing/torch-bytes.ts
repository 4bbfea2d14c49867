/** Writes what torch.save writes, for tests: stored zip entries and a pickle of a table. */

export type ZipFile = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly method?: number
  readonly flags?: number
  /** Differing from the directory. */
  readonly localName?: string
  /** Instead of the true place. */
  readonly place?: number
  readonly packedBytes?: number
}

export type ZipOptions = {
  /** Sizes behind the content and a 64-bit end mark, as torch writes; else as older tools do. */
  readonly isLarge?: boolean
  readonly comment?: string
  readonly prefix?: Uint8Array
  readonly count?: number
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)]
const number = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)

export function zipBytes(files: readonly ZipFile[], options: ZipOptions = {}): Uint8Array {
  const { isLarge = false, comment = '', prefix = new Uint8Array(0) } = options
  const parts: Uint8Array[] = [prefix]
  let at = prefix.length
  const add = (part: ArrayLike<number>): void => {
    parts.push(Uint8Array.from(part))
    at += part.length
  }
  const directory: number[] = []
  for (const file of files) {
    directory.push(...directoryEntry(file, file.place ?? at, isLarge))
    add(localHeader(file, at, isLarge))
    add(file.bytes)
    if (isLarge) add(descriptor(file.bytes.length))
  }
  const facts = {
    count: options.count ?? files.length,
    sizeBytes: directory.length,
    begin: at,
  }
  add(directory)
  if (isLarge) add(largeEnd(facts, at))
  add([
    ...number(0x06054b50, 4),
    ...number(0, 4),
    ...number(facts.count, 2),
    ...number(facts.count, 2),
    ...number(facts.sizeBytes, 4),
    ...number(facts.begin, 4),
    ...number(text(comment).length, 2),
    ...text(comment),
  ])
  return joined(parts, at)
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const all = new Uint8Array(sizeBytes)
  let place = 0
  for (const part of parts) {
    all.set(part, place)
    place += part.length
  }
  return all
}

const flagsOf = ({ flags }: ZipFile, isLarge: boolean): number =>
  flags ?? (isLarge ? 0x0808 : 0x0800)

function localHeader(file: ZipFile, at: number, isLarge: boolean): number[] {
  const name = text(file.localName ?? file.name)
  const stated = isLarge ? 0 : file.bytes.length
  // Padding that aligns the content to 64 bytes, in a field of extra data as torch names it.
  const padding = isLarge ? 64 - ((at + 34 + name.length) % 64) : 0
  const extra = isLarge ? [0x46, 0x42, ...number(padding, 2), ...new Uint8Array(padding)] : []
  return [
    ...number(0x04034b50, 4),
    ...number(20, 2),
    ...number(flagsOf(file, isLarge), 2),
    ...number(file.method ?? 0, 2),
    ...number(0, 8),
    ...number(stated, 4),
    ...number(stated, 4),
    ...number(name.length, 2),
    ...number(extra.length, 2),
    ...name,
    ...extra,
  ]
}

const descriptor = (sizeBytes: number): number[] => [
  ...number(0x08074b50, 4),
  ...number(0, 4),
  ...number(sizeBytes, 8),
  ...number(sizeBytes, 8),
]

function directoryEntry(file: ZipFile, begin: number, isLarge: boolean): number[] {
  const sizeBytes = file.bytes.length
  const wide = isLarge
    ? [1, 0, 24, 0, ...number(sizeBytes, 8), ...number(sizeBytes, 8), ...number(begin, 8)]
    : []
  const short = (value: number): number[] => number(isLarge ? 0xffffffff : value, 4)
  return [
    ...number(0x02014b50, 4),
    ...number(0, 4),
    ...number(flagsOf(file, isLarge), 2),
    ...number(file.method ?? 0, 2),
    ...number(0, 8),
    ...short(file.packedBytes ?? sizeBytes),
    ...short(sizeBytes),
    ...number(text(file.name).length, 2),
    ...number(wide.length, 2),
    ...number(0, 10),
    ...short(begin),
    ...text(file.name),
    ...wide,
  ]
}

type DirectoryFacts = { readonly count: number; readonly sizeBytes: number; readonly begin: number }

function largeEnd({ count, sizeBytes, begin }: DirectoryFacts, at: number): number[] {
  return [
    ...number(0x06064b50, 4),
    ...number(44, 8),
    ...number(45, 2),
    ...number(45, 2),
    ...number(0, 8),
    ...number(count, 8),
    ...number(count, 8),
    ...number(sizeBytes, 8),
    ...number(begin, 8),
    ...number(0x07064b50, 4),
    ...number(0, 4),
    ...number(at, 8),
    ...number(1, 4),
  ]
}

export type SavedTensor = {
  readonly name: string
  /** Such as 'FloatStorage'. */
  readonly storageType: string
  readonly sizeBytes: number
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

const word = (value: string): number[] => [0x58, ...number(text(value).length, 4), ...text(value)]
const int = (value: number): number[] => [0x4a, ...number(value, 4)]
const global = (module: string, name: string): number[] => [0x63, ...text(`${module}\n${name}\n`)]
const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74]

/** The pickle of an ordered dictionary of tensors, each in a storage of its own. */
export function tablePickle(tensors: readonly SavedTensor[]): Uint8Array {
  const entries = tensors.map(({ name, storageType, sizeBytes, shape, bytes }, index) => {
    const count = int(bytes.length / sizeBytes)
    const storage = tuple(
      word('storage'),
      global('torch', storageType),
      word(`${index}`),
      word('cpu'),
      count,
    )
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
    const hooks = [...global('collections', 'OrderedDict'), 0x29, 0x52]
    const call = tuple(
      [...storage, 0x51],
      int(0),
      tuple(...shape.map(int)),
      tuple(...strides.map(int)),
      [0x89],
      hooks,
    )
    return [...word(name), ...global('torch._utils', '_rebuild_tensor_v2'), ...call, 0x52]
  })
  const table = [...global('collections', 'OrderedDict'), 0x29, 0x52]
  return Uint8Array.from([0x80, 2, ...table, 0x28, ...entries.flat(), 0x75, 0x2e])
}

/** A whole archive. */
export function torchBytes(
  tensors: readonly SavedTensor[],
  options: ZipOptions = { isLarge: true },
): Uint8Array {
  const storages = tensors.map(({ bytes }, index) => ({ name: `model/data/${index}`, bytes }))
  return zipBytes(
    [
      { name: 'model/data.pkl', bytes: tablePickle(tensors) },
      { name: 'model/byteorder', bytes: Uint8Array.from(text('little')) },
      ...storages,
      { name: 'model/version', bytes: Uint8Array.from(text('3\n')) },
    ],
    options,
  )
}
