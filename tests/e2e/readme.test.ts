import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokja, ROOT } from './run-cli.ts'

// The commands that the README shows are run as they stand there.

const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap((block) => block[1]!.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line.startsWith('npx dokja '))

const OUT = ['out/report', 'out/my-round', 'out/registry'].map((folder) => join(ROOT, folder))
const clean = () => {
  for (const folder of OUT) rmSync(folder, { recursive: true, force: true })
}
clean()
afterAll(clean)

describe('README', () => {
  it('shows the two commands first', () => {
    const first = /```sh\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
    expect(first).toMatch(/^npm ci && npm start\b.*\nnpm ci && npm test\b/)
  })

  it('shows a picture that exists', () => {
    const picture = /!\[[^\]]+\]\(([^)]+)\)/.exec(text)?.[1] ?? ''
    expect(existsSync(join(ROOT, picture))).toBe(true)
  })

  it.each(commands)('%s', (command) => {
    const run = dokja(command.split(/\s+/).slice(2))
    expect(run.stderr).not.toMatch(/^error:/m)
    expect([0, 1, 3]).toContain(run.status)
    expect(run.stdout.length).toBeGreaterThan(0)
  })
})
