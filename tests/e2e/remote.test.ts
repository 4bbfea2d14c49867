import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { filesOf, servedModels } from '../../packages/core/node/remote/testing/open-served.ts'
import { CLI, modelPath, ROOT } from './run-cli.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-remote-cli-'))
const served = servedModels()
afterAll(async () => {
  await served.close()
  served.end()
  rmSync(scratch, { recursive: true, force: true })
})

it('reads an ancestor of the team by an address with secrets and keeps them out of the report', async () => {
  const { address } = await served.plain(filesOf('s1'))
  const secret = `${address.replace('//', '//user:pw-secret@')}/?sig=SIG-SECRET`
  const out = join(scratch, 'report')
  const run = spawn(
    process.execPath,
    [
      ...[CLI, 'audit', modelPath('sft1'), '--own', secret, '--allow-private-hosts'],
      ...['--out', out],
    ],
    { cwd: ROOT, env: { ...process.env, DOKJA_CACHE: join(scratch, 'cache'), LANG: 'C' } },
  )
  let printed = ''
  for (const stream of [run.stdout, run.stderr]) {
    stream.on('data', (text) => {
      printed += text
    })
  }
  const status = await new Promise((resolve) => run.on('close', resolve))
  expect(status, printed).toBe(0)
  const written = ['json', 'html'].map((end) => readFileSync(join(out, `audit.${end}`), 'utf8'))
  const { components } = JSON.parse(written[0] ?? '')
  const found = components.map(({ verdict }: { verdict: string }) => verdict)
  expect(found).toContain('derived')
  for (const text of [printed, ...written]) {
    expect(text).toContain(address)
    expect(text).not.toMatch(/secret/i)
  }
})
