import { mapBounded } from '../../base/map-bounded.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import type { ByteReader } from '../byte-reader.ts'
import { archiveError, archiveLimit, refusedPickle } from './torch-fault.ts'

/** One stored file of an archive; absolute bytes of its content. */
export type ZipEntry = {
  readonly name: string
  readonly beginByte: number
  readonly endByte: number
}

const END_BYTES = 22
const END64_BYTES = 56
const LOCATOR_BYTES = 20
const CENTRAL_BYTES = 46
const LOCAL_BYTES = 30
const MAX_DIRECTORY_BYTES = 128 * 2 ** 20
const MAX_ENTRIES = 1_000_000
/** What may follow a file's content: crc and both sizes, of 64 bits, behind a mark. */
const DESCRIPTOR_BYTES = 24
/** Every file has a header of its own: over a network one after the other would take minutes. */
const READS_UNDER_WAY = 8
/** Sizes follow the content; names are UTF-8. Everything else (encryption, patches) is refused. */
const ALLOWED_FLAGS = 0x0808

type Directory = { readonly begin: number; readonly end: number; readonly count: number }

type Listed = {
  readonly name: string
  readonly sizeBytes: number
  readonly localBegin: number
}

/**
 * Lists a zip archive without compression, as torch.save writes it (APPNOTE.TXT 6.3.10). The
 * central directory is believed only where the local headers agree, and the parts must follow
 * each other from the first byte to the last, so that every reader sees the same files.
 *
 * Throws AppError CHECKPOINT_INVALID, FORMAT_UNSUPPORTED (compressed or encrypted) or
 * LIMIT_EXCEEDED.
 */
export async function readZipDirectory(reader: ByteReader): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await findDirectory(reader)
  const bytes = await reader.read(directory.begin, directory.end)
  const listed = parseDirectory(reader.file, bytes, directory)
  const entries = new Map<string, ZipEntry>()
  const sorted = listed.toSorted((a, b) => a.localBegin - b.localBegin)
  const places = await mapBounded(sorted, READS_UNDER_WAY, (entry) =>
    readLocalHeader(reader, entry, directory.begin),
  )
  let covered = 0
  for (const [at, place] of places.entries()) {
    const entry = sorted[at] as Listed
    const gap = entry.localBegin - covered
    if (gap < 0 || gap > (covered === 0 ? 0 : DESCRIPTOR_BYTES)) {
      const what = gap < 0 ? 'overlaps the file before it' : `follows after ${gap} bytes of no file`
      throw archiveError(reader.file, `${quoted(entry.name)} ${what}`)
    }
    if (entries.has(entry.name)) {
      throw archiveError(reader.file, `two files are named ${quoted(entry.name)}`)
    }
    entries.set(entry.name, place)
    covered = place.endByte
  }
  if (directory.begin - covered > DESCRIPTOR_BYTES) {
    throw archiveError(
      reader.file,
      `${directory.begin - covered} bytes of no file before its directory`,
    )
  }
  return entries
}

async function findDirectory(reader: ByteReader): Promise<Directory> {
  const { file, sizeBytes } = reader
  const tailBytes = Math.min(sizeBytes, END_BYTES + LOCATOR_BYTES)
  const tail = viewOf(await reader.read(sizeBytes - tailBytes, sizeBytes))
  const endAt = tailBytes - END_BYTES
  if (endAt < 0 || tail.getUint32(endAt, true) !== 0x06054b50) {
    throw archiveError(
      file,
      'does not end as a zip archive without comment ends: truncated, or more was added',
    )
  }
  if (tail.getUint16(endAt + 20, true) !== 0 || tail.getUint32(endAt + 4, true) !== 0) {
    throw archiveError(file, 'has a comment or several disks')
  }
  const plain = {
    count: tail.getUint16(endAt + 10, true),
    size: tail.getUint32(endAt + 12, true),
    begin: tail.getUint32(endAt + 16, true),
  }
  const hasLocator = endAt === LOCATOR_BYTES && tail.getUint32(0, true) === 0x07064b50
  const end = sizeBytes - END_BYTES
  const found = hasLocator
    ? await largeDirectory(reader, tail, plain)
    : { begin: plain.begin, end: plain.begin + plain.size, count: plain.count, endsAt: end }
  if (found.end !== found.endsAt) {
    throw archiveError(
      file,
      `its directory ends at byte ${found.end}, not where its end mark stands (${found.endsAt})`,
    )
  }
  if (found.end - found.begin > MAX_DIRECTORY_BYTES || found.count > MAX_ENTRIES) {
    throw archiveLimit(
      file,
      `${found.count} files in a directory of ${found.end - found.begin} bytes`,
    )
  }
  return found
}

/** The 64-bit record that torch always writes; both records must say the same. */
async function largeDirectory(
  reader: ByteReader,
  tail: DataView,
  plain: { readonly count: number; readonly size: number; readonly begin: number },
): Promise<Directory & { readonly endsAt: number }> {
  const { file, sizeBytes } = reader
  const at = sizeBytes - END_BYTES - LOCATOR_BYTES - END64_BYTES
  const stated = tail.getBigUint64(8, true)
  if (at < 0 || stated !== BigInt(at)) {
    throw archiveError(file, `its 64-bit end mark is said to stand at byte ${stated}, not ${at}`)
  }
  const view = viewOf(await reader.read(at, at + END64_BYTES))
  if (view.getUint32(0, true) !== 0x06064b50 || view.getBigUint64(4, true) !== 44n) {
    throw archiveError(file, 'its 64-bit end mark is broken')
  }
  const number = (offset: number): number => Number(view.getBigUint64(offset, true))
  const [count, size, begin] = [number(32), number(40), number(48)]
  const agrees =
    (plain.count === 0xffff || plain.count === count) &&
    (plain.size === 0xffffffff || plain.size === size) &&
    (plain.begin === 0xffffffff || plain.begin === begin)
  if (!agrees || view.getUint32(16, true) !== 0 || number(24) !== count) {
    throw archiveError(file, 'its two end marks contradict each other')
  }
  if (begin + size > sizeBytes) throw archiveError(file, 'its directory leaves the file')
  return { begin, end: begin + size, count, endsAt: at }
}

function parseDirectory(file: string, bytes: Uint8Array, directory: Directory): readonly Listed[] {
  const view = viewOf(bytes)
  const listed: Listed[] = []
  let at = 0
  for (let i = 0; i < directory.count; i++) {
    if (at + CENTRAL_BYTES > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      throw archiveError(file, `entry ${i} of its directory is broken`)
    }
    const nameBytes = view.getUint16(at + 28, true)
    const extraBytes = view.getUint16(at + 30, true)
    const commentBytes = view.getUint16(at + 32, true)
    const next = at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes
    if (next > bytes.length) throw archiveError(file, `entry ${i} of its directory is cut off`)
    const name = readName(file, bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes))
    refuseMethod(file, name, {
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
    })
    const extra = viewOf(bytes.subarray(next - commentBytes - extraBytes, next - commentBytes))
    const sizes = sizesOf(file, name, { view, at, extra })
    if (sizes.packed !== sizes.full)
      throw archiveError(file, `${quoted(name)} is stored in another size`)
    listed.push({ name, sizeBytes: sizes.full, localBegin: sizes.local })
    at = next
  }
  if (at !== bytes.length)
    throw archiveError(file, `${bytes.length - at} bytes follow in its directory`)
  return listed
}

function refuseMethod(
  file: string,
  name: string,
  { flags, method }: { readonly flags: number; readonly method: number },
): void {
  if (method !== 0) throw refusedPickle(file, `${quoted(name)} is compressed (method ${method})`)
  if ((flags & ~ALLOWED_FLAGS) !== 0) {
    throw refusedPickle(file, `${quoted(name)} is encrypted or special (flags ${flags})`)
  }
}

/** Sizes and place; 64-bit values stand in field 1 of the extra data, in this order. */
function sizesOf(
  file: string,
  name: string,
  { view, at, extra }: { readonly view: DataView; readonly at: number; readonly extra: DataView },
): { readonly full: number; readonly packed: number; readonly local: number } {
  const fields = [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]
  let next = wideField(file, name, extra)
  const [full = 0, packed = 0, local = 0] = fields.map((value) => {
    if (value !== 0xffffffff) return value
    if (next === undefined || next.at + 8 > next.end) {
      throw archiveError(file, `${quoted(name)} lacks its 64-bit sizes`)
    }
    const wide = Number(extra.getBigUint64(next.at, true))
    next = { at: next.at + 8, end: next.end }
    return wide
  })
  return { full, packed, local }
}

function wideField(
  file: string,
  name: string,
  extra: DataView,
): { readonly at: number; readonly end: number } | undefined {
  let at = 0
  let found: { readonly at: number; readonly end: number } | undefined
  while (at + 4 <= extra.byteLength) {
    const end = at + 4 + extra.getUint16(at + 2, true)
    if (end > extra.byteLength) throw archiveError(file, `${quoted(name)} has broken extra data`)
    if (extra.getUint16(at, true) === 1) {
      if (found !== undefined) throw archiveError(file, `${quoted(name)} has its sizes twice`)
      found = { at: at + 4, end }
    }
    at = end
  }
  return found
}

function readName(file: string, bytes: Uint8Array): string {
  const decoded = decodeUtf8(bytes)
  const name = decoded.kind === 'text' ? decoded.text : ''
  const parts = name.split('/')
  const isPlain =
    name !== '' &&
    bytes.length <= 1024 &&
    isPrintable(name) &&
    !/[\\:]/.test(name) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..')
  if (!isPlain)
    throw archiveError(file, `holds a file named ${quoted(name)}, which is no plain path`)
  return name
}

async function readLocalHeader(
  reader: ByteReader,
  { name, sizeBytes, localBegin }: Listed,
  limit: number,
): Promise<ZipEntry> {
  const { file } = reader
  const broken = (what: string) => archiveError(file, `${quoted(name)} ${what}`)
  const nameBytes = new TextEncoder().encode(name)
  const nameEnd = localBegin + LOCAL_BYTES + nameBytes.length
  if (!(nameEnd <= limit)) throw broken('lies outside of the archive')
  const bytes = await reader.read(localBegin, nameEnd)
  const view = viewOf(bytes)
  const isSame =
    view.getUint32(0, true) === 0x04034b50 &&
    view.getUint16(26, true) === nameBytes.length &&
    nameBytes.every((byte, i) => bytes[LOCAL_BYTES + i] === byte)
  if (!isSame) throw broken('has another local header than the directory says')
  refuseMethod(file, name, { flags: view.getUint16(6, true), method: view.getUint16(8, true) })
  const hasSizes = (view.getUint16(6, true) & 8) === 0
  const stated = view.getUint32(22, true)
  if (hasSizes && stated !== 0xffffffff && stated !== sizeBytes) throw broken('has two sizes')
  const beginByte = nameEnd + view.getUint16(28, true)
  if (beginByte + sizeBytes > limit) throw broken('ends behind the directory')
  return { name, beginByte, endByte: beginByte + sizeBytes }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
