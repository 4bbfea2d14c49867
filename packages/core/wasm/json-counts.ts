/**
 * AssemblyScript, compiled to json-counts.wasm by scripts/build-wasm.ts.
 *
 * Counts what lies in a long object of names and whole numbers, or in a long array of strings, from a
 * window of its UTF-8 bytes that the caller moves along. `end` is followed by 32 bytes of zero, which are
 * no part of any JSON: whatever stops there is asked again with the next window. The slow twin is
 * src/base/json-bytes.ts.
 */
const MORE: i32 = 0
const DONE: i32 = 1
const REFUSED: i32 = 2

const NAMES_MAX: u32 = 2_000_000
const MIXER: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15

/** How the last call ended, and how much was counted up to there by all of them. */
export let status: i32 = MORE
export let counted: u32 = 0

let scratch: usize = 0
/** Fingerprints of all names, one behind the other, and zeros behind them. */
let list: usize = 0
let fingerprint: u64 = 0
let isInner: bool = false
/** Where the last string stopped that did not end. */
let stoppedAt: usize = 0

/** `room` for a name without its escapes; names are noted from `names` on, where all is zero. */
export function begin(room: usize, names: usize): void {
  scratch = room
  list = names
}

/** Goes on in an object at `at`, to the last member that ends before `end`. */
export function countNames(at: usize, end: usize): usize {
  while (true) {
    const from = at
    at = passName(skipWhitespace(at), end)
    if (!at) return stop(from, stoppedAt, end)
    at = skipWhitespace(at)
    if (load<u8>(at) !== 0x3a) return stop(from, at, end)
    const first = skipWhitespace(at + 1)
    at = first
    while (<u32>load<u8>(at) - 0x30 < 10) at++
    const digits = at - first
    if (digits === 0) return stop(from, at, end)
    if (digits > 15 || (digits > 1 && load<u8>(first) === 0x30)) return stop(from, 0, end)
    at = skipWhitespace(at)
    const sign = load<u8>(at)
    if (sign !== 0x2c && sign !== 0x7d) return stop(from, at, end)
    if (counted >= NAMES_MAX) return stop(from, 0, end)
    store<u64>(list + ((<usize>counted) << 3), fingerprint)
    counted++
    at++
    if (sign === 0x7d) return areApart() ? done(at) : stop(from, 0, end)
  }
}

/** Goes on in an array of strings, or of arrays of strings, to the last string that ends before `end`. */
export function countStrings(at: usize, end: usize): usize {
  while (true) {
    const from = at
    let inner = isInner
    let values: u32 = 1
    at = skipWhitespace(at)
    if (load<u8>(at) === 0x5b && !inner) {
      inner = true
      values = 2
      at = skipWhitespace(at + 1)
    }
    at = passString(at, end)
    if (!at) return stop(from, stoppedAt, end)
    at = skipWhitespace(at)
    let sign = load<u8>(at)
    if (sign === 0x5d && inner) {
      inner = false
      at = skipWhitespace(at + 1)
      sign = load<u8>(at)
    }
    if (sign !== 0x2c && (sign !== 0x5d || inner)) return stop(from, at, end)
    counted += values
    isInner = inner
    at++
    if (sign === 0x5d) return done(at)
  }
}

function stop(from: usize, at: usize, end: usize): usize {
  status = at >= end ? MORE : REFUSED
  return from
}

function done(at: usize): usize {
  status = DONE
  return at
}

function skipWhitespace(at: usize): usize {
  while (true) {
    const byte = load<u8>(at)
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at
    at++
  }
}

/** The next quote, backslash or control character. */
function nextSign(at: usize): usize {
  while (true) {
    const bytes = v128.load(at)
    const signs = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    )
    const found = i8x16.bitmask(signs)
    if (found) return at + ctz(found)
    at += 16
  }
}

/** The end of a string, 0 where it is none or goes on behind `end`. */
function passString(at: usize, end: usize): usize {
  stoppedAt = at
  if (load<u8>(at) !== 0x22) return 0
  at = nextSign(at + 1)
  while (load<u8>(at) !== 0x22) {
    if (escapedUnit(at, end) < 0) return 0
    at = nextSign(at + escapeBytes(at))
  }
  return at + 1
}

/** As `passString`, and takes the fingerprint of what the name means. */
function passName(at: usize, end: usize): usize {
  stoppedAt = at
  if (load<u8>(at) !== 0x22) return 0
  let from = at + 1
  at = nextSign(from)
  if (load<u8>(at) === 0x22) {
    fingerprint = fingerprintOf(from, at)
    return at + 1
  }
  let out = scratch
  while (true) {
    memory.copy(out, from, at - from)
    out += at - from
    if (load<u8>(at) === 0x22) {
      fingerprint = fingerprintOf(scratch, out)
      return at + 1
    }
    const unit = escapedUnit(at, end)
    if (unit < 0) return 0
    out = writeUtf8(out, unit)
    from = at + escapeBytes(at)
    at = nextSign(from)
  }
}

function escapeBytes(at: usize): usize {
  return load<u8>(at, 1) === 0x75 ? 6 : 2
}

/** What the escape at `at` means; -1 for none, for halves of surrogate pairs, and for one that is cut off. */
function escapedUnit(at: usize, end: usize): i32 {
  const isEscape = load<u8>(at) === 0x5c
  const isCut = isEscape && at + escapeBytes(at) > end
  stoppedAt = isCut ? end : at
  if (!isEscape || isCut) return -1
  switch (load<u8>(at, 1)) {
    case 0x22:
    case 0x2f:
    case 0x5c:
      return load<u8>(at, 1)
    case 0x62:
      return 8
    case 0x66:
      return 12
    case 0x6e:
      return 10
    case 0x72:
      return 13
    case 0x74:
      return 9
    case 0x75:
      break
    default:
      return -1
  }
  let unit: i32 = 0
  for (let digit: usize = 2; digit < 6; digit++) {
    const byte: i32 = load<u8>(at + digit)
    const lower = byte | 0x20
    if (byte >= 0x30 && byte <= 0x39) unit = 16 * unit + byte - 0x30
    else if (lower >= 0x61 && lower <= 0x66) unit = 16 * unit + lower - 0x57
    else return -1
  }
  return unit >= 0xd800 && unit < 0xe000 ? -1 : unit
}

function writeUtf8(out: usize, unit: i32): usize {
  if (unit < 0x80) {
    store<u8>(out, unit)
    return out + 1
  }
  if (unit < 0x800) {
    store<u8>(out, 0xc0 | (unit >> 6))
    store<u8>(out, 0x80 | (unit & 0x3f), 1)
    return out + 2
  }
  store<u8>(out, 0xe0 | (unit >> 12))
  store<u8>(out, 0x80 | ((unit >> 6) & 0x3f), 1)
  store<u8>(out, 0x80 | (unit & 0x3f), 2)
  return out + 3
}

function fingerprintOf(at: usize, end: usize): u64 {
  let mixed: u64 = mix(end - at)
  for (; at + 8 <= end; at += 8) mixed = mix(mixed ^ load<u64>(at))
  if (at < end) {
    const bits = <u64>(end - at) * 8
    mixed = mix(mixed ^ (load<u64>(at) & (((<u64>1) << bits) - 1)))
  }
  return mixed
}

function mix(value: u64): u64 {
  const product = value * MIXER
  return product ^ (product >> 29)
}

/**
 * Whether no name was noted twice. Half of a fingerprint says where in the table its other half is looked for, so two
 * names are taken for one in one of 50,000 documents with 128,000 of them; the reader of documents then settles it.
 * All names at once: their places in the table are far apart, and the processor waits for many of them together.
 */
function areApart(): bool {
  const table = list + ((<usize>counted) << 3)
  let slots: u32 = 16
  while (slots < 2 * counted) slots <<= 1
  const mask = slots - 1
  for (let at = list; at < table; at += 8) {
    let place = load<u32>(at, 4) & mask
    // Never 0, which is a free place.
    const half = load<u32>(at) | 1
    while (true) {
      const slot = table + ((<usize>place) << 2)
      const held = load<u32>(slot)
      if (held === half) return false
      if (held === 0) {
        store<u32>(slot, half)
        break
      }
      place = (place + 1) & mask
    }
  }
  return true
}
