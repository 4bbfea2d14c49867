import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')
export const CLI = join(ROOT, 'packages', 'cli', 'bin', 'dokja.js')

/** Runs the command in a folder that is home and configuration too, so that keys are made there. */
export function dokjaAt(home: string, args: readonly string[]) {
  const done = spawnSync(process.execPath, [CLI, ...args], {
    cwd: home,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, XDG_CONFIG_HOME: join(home, 'config'), LANG: 'C', LC_ALL: 'C' },
  })
  return { status: done.status, out: done.stdout, err: done.stderr }
}

export type CliRun = { readonly status: number; readonly stdout: string; readonly stderr: string }

/** Runs the real command in a process of its own. */
export function dokja(
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): CliRun {
  const run = spawnSync(process.execPath, [CLI, ...args], {
    cwd: options.cwd ?? ROOT,
    encoding: 'utf8',
    maxBuffer: 256 * 2 ** 20,
    env: { ...process.env, LANG: 'C', LC_ALL: 'C', NO_COLOR: '1', ...options.environment },
  })
  return { status: run.status ?? -1, stdout: run.stdout, stderr: run.stderr }
}

export const modelPath = (name: string): string => join('testdata', 'models', name)

/** Runs the command beside this process, which serves the hub meanwhile. */
export function dokjaAside(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env: { ...process.env, LANG: 'C', LC_ALL: 'C', NO_COLOR: '1', ...env },
  })
  return new Promise<{ status: number; stdout: string }>((resolve, reject) => {
    let stdout = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? -1, stdout }))
  })
}
