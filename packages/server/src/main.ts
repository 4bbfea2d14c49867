import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createApp } from './app.ts'

export type RunningServer = { readonly address: string; readonly close: () => Promise<void> }

/** Listens on the loopback address alone unless another host is given. Port 0 picks a free one. */
export function startServer(options: {
  readonly reportFolder: string
  readonly port: number
  readonly host?: string
}): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  const app = createApp(options)
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port: options.port, hostname: host }, (info) => {
      const { port } = info as AddressInfo
      resolve({
        address: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`,
        close: () => new Promise((done) => server.close(() => done())),
      })
    })
    server.on('error', reject)
  })
}
