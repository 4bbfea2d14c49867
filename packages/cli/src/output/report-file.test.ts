import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { writeReport } from './report-file.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-report-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const content = {
  document: { verdict: 'derived' },
  html: '<!doctype html>',
  transforms: [{ name: 'transform-x.safetensors', bytes: () => Uint8Array.of(1, 2, 3) }],
}

it('a report is written after the transforms that it names', async () => {
  const folder = join(scratch, 'whole')
  const paths = await writeReport(folder, 'comparison', content)
  expect(paths.map((path) => path.slice(folder.length + 1))).toEqual([
    'transform-x.safetensors',
    'comparison.json',
    'comparison.html',
  ])
  expect([...readFileSync(paths[0]!)]).toEqual([1, 2, 3])
})

it('where a transform cannot be written there is no report of it, and nothing half-written', async () => {
  const folder = join(scratch, 'blocked')
  // A folder stands where the file should.
  mkdirSync(join(folder, 'transform-x.safetensors', 'full'), { recursive: true })
  await expect(writeReport(folder, 'comparison', content)).rejects.toMatchObject({
    code: 'UNREADABLE',
  })
  expect(readdirSync(folder)).toEqual(['transform-x.safetensors'])
})
