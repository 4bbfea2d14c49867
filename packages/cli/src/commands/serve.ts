import { stat } from 'node:fs/promises'
import { AppError } from '@dokja/core'
import { type Command, InvalidArgumentError } from 'commander'

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the reports of a folder to this machine’s browser')
    .argument('[DIR]', 'folder of reports', 'out/demo')
    .option('--port <number>', 'port; 0 picks a free one', parsePort, 4680)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addHelpText('after', '\nExample:\n  dokja serve out/demo\n')
    .action(runServe)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('a port is a number from 0 to 65535')
  }
  return port
}

async function runServe(
  reportFolder: string,
  options: { readonly port: number; readonly host: string },
): Promise<void> {
  const found = await stat(reportFolder).catch(() => null)
  if (!found?.isDirectory()) {
    throw new AppError('NOT_FOUND', `${reportFolder}: no such folder`, {
      hint: 'write a report first: dokja audit MODEL --against REF --out DIR',
    })
  }
  // Loaded only here: whoever verifies reports needs no server.
  const { startServer } = await import('@dokja/server')
  const server = await startServer({ reportFolder, ...options }).catch((cause) => {
    throw new AppError('UNREADABLE', `port ${options.port} cannot be used`, {
      cause,
      hint: 'choose another with --port',
    })
  })
  process.stdout.write(`${server.address}\n`)
}
