import { expect, test } from 'vitest'
import { DecodedTexts } from './decoded-texts.ts'

test('texts of bytes are read as those of a map are', () => {
  const texts = new Map([
    ['a', 'é'],
    ['b', ''],
  ])
  const encoded = [...texts].map(([name, text]) => [name, new TextEncoder().encode(text)] as const)
  const decoded = new DecodedTexts(new Map(encoded))
  expect(decoded.size).toBe(2)
  expect([...decoded]).toEqual([...texts])
  expect([...decoded.entries()]).toEqual([...texts])
  expect([...decoded.keys()]).toEqual(['a', 'b'])
  expect([...decoded.values()]).toEqual(['é', ''])
  expect([decoded.has('a'), decoded.has('c')]).toEqual([true, false])
  expect([decoded.get('a'), decoded.get('c')]).toEqual(['é', undefined])
  const seen: string[] = []
  decoded.forEach((text, name) => {
    seen.push(name, text)
  })
  expect(seen).toEqual(['a', 'é', 'b', ''])
})
