/**
 * AssemblyScript, compiled to sketch-scan.wasm by scripts/build-wasm.ts. Plain SIMD: the same bits on every CPU.
 *
 * Hamming distances between one query and many references. Both are laid out in groups of 16 rows
 * of 64 bits: eight planes of 16 bytes, plane b holding byte b of every row, so that the eight bit counts of a
 * row are added lane by lane. Of each reference four u32 are written: Σh, Σh², rows with h < 32, rows
 * with h = 32. The slow twin is `scanRows` in src/audit/registry/scan-rows.ts.
 */
export function scan(query: usize, references: usize, groups: u32, count: u32, out: usize): void {
  const middle = i8x16.splat(32)
  for (let reference: u32 = 0; reference < count; reference++) {
    let sums = i32x4.splat(0)
    let squares = i32x4.splat(0)
    let below: u32 = 0
    let equal: u32 = 0
    let at = query
    for (let group: u32 = 0; group < groups; group++) {
      const h01 = i8x16.add(
        i8x16.popcnt(v128.xor(v128.load(at, 0), v128.load(references, 0))),
        i8x16.popcnt(v128.xor(v128.load(at, 16), v128.load(references, 16))),
      )
      const h23 = i8x16.add(
        i8x16.popcnt(v128.xor(v128.load(at, 32), v128.load(references, 32))),
        i8x16.popcnt(v128.xor(v128.load(at, 48), v128.load(references, 48))),
      )
      const h45 = i8x16.add(
        i8x16.popcnt(v128.xor(v128.load(at, 64), v128.load(references, 64))),
        i8x16.popcnt(v128.xor(v128.load(at, 80), v128.load(references, 80))),
      )
      const h67 = i8x16.add(
        i8x16.popcnt(v128.xor(v128.load(at, 96), v128.load(references, 96))),
        i8x16.popcnt(v128.xor(v128.load(at, 112), v128.load(references, 112))),
      )
      const h = i8x16.add(i8x16.add(h01, h23), i8x16.add(h45, h67))
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(h)))
      const low = i16x8.extend_low_i8x16_u(h)
      const high = i16x8.extend_high_i8x16_u(h)
      squares = i32x4.add(squares, i32x4.dot_i16x8_s(low, low))
      squares = i32x4.add(squares, i32x4.dot_i16x8_s(high, high))
      below += <u32>popcnt(i8x16.bitmask(i8x16.lt_u(h, middle)))
      equal += <u32>popcnt(i8x16.bitmask(i8x16.eq(h, middle)))
      at += 128
      references += 128
    }
    store<u32>(out, lanes(sums), 0)
    store<u32>(out, lanes(squares), 4)
    store<u32>(out, below, 8)
    store<u32>(out, equal, 12)
    out += 16
  }
}

function lanes(sums: v128): u32 {
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  )
}
