import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createApp } from './app.ts'
import { startServer } from './main.ts'

const folder = mkdtempSync(join(tmpdir(), 'dokja-serve-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'audit.html'), '<!doctype html><p>report</p>')
writeFileSync(join(folder, 'audit.json'), '{"schemaVersion":1}')
writeFileSync(join(folder, '.secret.json'), '{}')
writeFileSync(join(folder, 'key.pem'), 'private')
mkdirSync(join(folder, 'inner.html'))
symlinkSync('/etc/hostname', join(folder, 'link.html'))
const app = createApp({ reportFolder: folder })

describe('serving reports', () => {
  it('lists them and nothing else', async () => {
    const page = await (await app.request('/')).text()
    expect(page).toContain('href="/audit.html"')
    expect(page).toContain('href="/audit.json"')
    for (const hidden of ['secret', 'key.pem', 'inner', 'link']) expect(page).not.toContain(hidden)
  })

  it('gives a report as it was written, with its type', async () => {
    const html = await app.request('/audit.html')
    expect(html.status).toBe(200)
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(html.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await html.text()).toBe('<!doctype html><p>report</p>')
    expect(await (await app.request('/audit.json')).json()).toEqual({ schemaVersion: 1 })
  })

  it.each([
    '/key.pem',
    '/.secret.json',
    '/inner.html',
    '/link.html',
    '/..%2f..%2fetc%2fpasswd',
    '/%00.html',
    '/none.html',
  ])('has no %s', async (path) => {
    expect((await app.request(path)).status).toBe(404)
  })

  it('answers on a socket', async () => {
    const server = await startServer({ reportFolder: folder, port: 0 })
    try {
      expect(await (await fetch(`${server.address}healthz`)).json()).toEqual({ status: 'ok' })
    } finally {
      await server.close()
    }
  })
})
