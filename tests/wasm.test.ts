import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileKernel, KERNELS } from '../scripts/build-wasm.ts'

const FOLDER = join(import.meta.dirname, '..', 'packages', 'core', 'wasm')

describe('compiled kernels', () => {
  it.each(KERNELS)('%s.wasm is what its source compiles to', async (name) => {
    const compiled = await compileKernel(name)
    expect(Buffer.compare(readFileSync(join(FOLDER, `${name}.wasm`)), compiled)).toBe(0)
    expect(compiled.length).toBeLessThan(4096)
  })
})
