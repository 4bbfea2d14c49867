import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leafHash, nodeHash, pathOf, rootFromPath, rootOf } from './merkle.ts'

// Inputs and hashes of the reference tests of Certificate Transparency
// (certificate-transparency, cpp/merkletree/merkle_tree_test.cc), which RFC 6962 describes.
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const LEAVES = INPUTS.map((input) => leafHash(hexToBytes(input)))

describe('the tree of RFC 6962', () => {
  it('gives the roots of the reference implementation for one to eight leaves', () => {
    ROOTS.forEach((root, i) => {
      expect(rootOf(LEAVES.slice(0, i + 1))).toBe(root)
    })
    expect(rootOf([])).toBe(bytesToHex(sha256(new Uint8Array())))
  })

  it('keeps leaves and nodes apart: a node cannot pass for a leaf of its two children', () => {
    const [a = '', b = ''] = LEAVES
    const joined = new Uint8Array([...hexToBytes(a), ...hexToBytes(b)])
    expect(leafHash(joined)).not.toBe(nodeHash(a, b))
  })

  const tree = fc
    .array(fc.uint8Array({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 })
    .chain((data) => fc.tuple(fc.constant(data.map(leafHash)), fc.nat(data.length - 1)))

  it('leads every leaf of every tree to its root', () => {
    fc.assert(
      fc.property(tree, ([leaves, index]) => {
        const leaf = leaves[index]!
        const place = { index, size: leaves.length }
        expect(rootFromPath(leaf, pathOf(leaves, index), place)).toBe(rootOf(leaves))
      }),
    )
  })

  it('leads nothing else there: another leaf, place, size, or a path that is shorter or longer', () => {
    fc.assert(
      fc.property(tree, fc.nat(63), fc.nat(255), ([leaves, index], at, bit) => {
        const leaf = leaves[index]!
        const path = pathOf(leaves, index)
        const size = leaves.length
        const root = rootOf(leaves)
        const other = leafHash(hexToBytes(`${leaf}00`))
        expect(rootFromPath(other, path, { index, size })).not.toBe(root)
        expect(rootFromPath(leaf, [...path, other], { index, size })).not.toBe(root)
        if (path.length === 0) return
        expect(rootFromPath(leaf, path.slice(1), { index, size })).not.toBe(root)
        expect(rootFromPath(leaf, path, { index: size, size })).toBeUndefined()
        const changed = path.map((hash, i) => (i === at % path.length ? flip(hash, bit) : hash))
        expect(rootFromPath(leaf, changed, { index, size })).not.toBe(root)
      }),
    )
  })
})

const flip = (hash: string, bit: number): string => {
  const bytes = hexToBytes(hash)
  bytes[bit >> 3]! ^= 1 << (bit & 7)
  return bytesToHex(bytes)
}
