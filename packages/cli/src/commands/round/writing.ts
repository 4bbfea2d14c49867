import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { AppError, type SigningKey } from '@dokja/core'
import { createKeyFile, defaultKeyPath, readKeyFile } from '@dokja/core/node'
import type { Command } from 'commander'

/** Options of every command that writes an entry of the record. */
export type WritingOptions = {
  readonly author?: string
  readonly time?: string
  readonly key?: string
}

export function addWritingOptions(command: Command): Command {
  return command
    .option('--author <name>', 'who records this; the account name when left out')
    .option('--time <iso>', 'time to record, for replays; now when left out')
}

export function authorOf(options: WritingOptions): string {
  return options.author ?? userInfo().username
}

/** The clock of the process, unless a replay names the time. Whole seconds, in UTC. */
export function timeOf(options: WritingOptions): string {
  const time = options.time === undefined ? new Date() : new Date(options.time)
  if (Number.isNaN(time.getTime())) {
    throw new AppError('USAGE', `--time ${options.time} is not a time`, {
      hint: 'write it as 2026-01-05T09:00:00Z',
    })
  }
  return `${time.toISOString().slice(0, 19)}Z`
}

/** The key named by --key, else the key of this account, which is made on first use. */
export async function keyOf(options: WritingOptions): Promise<SigningKey> {
  if (options.key !== undefined) return readKeyFile(options.key)
  const path = defaultKeyPath()
  if (existsSync(path)) return readKeyFile(path)
  const key = await createKeyFile(path)
  process.stderr.write(`a signing key was made: ${path} (keep it secret, keep a copy)\n`)
  return key
}
