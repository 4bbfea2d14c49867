import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'

/** Plain names of reports as the command line writes them: no folders, no hidden files. */
const REPORT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.(html|json)$/

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
}

/**
 * Serves the reports of one folder, read anew at each request: a list, and each report as it was
 * written. Reports carry their own content policy; nothing here can be written.
 */
export function createApp(options: { readonly reportFolder: string }): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'no-referrer')
    context.header('x-frame-options', 'DENY')
  })
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  app.get('/', async (context) => context.html(listPage(await reportNames(options.reportFolder))))
  app.get('/:name', async (context) => {
    const name = context.req.param('name')
    const kind = REPORT_NAME.exec(name)?.[1]
    const names = kind === undefined ? [] : await reportNames(options.reportFolder)
    if (kind === undefined || !names.includes(name)) return context.text('not found', 404)
    const bytes = await readFile(join(options.reportFolder, name))
    return context.body(new Uint8Array(bytes), 200, { 'content-type': TYPES[kind] ?? 'text/plain' })
  })
  return app
}

async function reportNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && REPORT_NAME.test(entry.name))
    .map((entry) => entry.name)
    .sort()
}

/** Names are plain by REPORT_NAME, so they need no escaping. */
function listPage(names: readonly string[]): string {
  const items = names.map((name) => `<li><a href="/${name}">${name}</a></li>`).join('')
  const body =
    names.length > 0
      ? `<ul>${items}</ul>`
      : '<p>아직 보고서가 없습니다. <span lang="en">No reports yet.</span></p>'
  return (
    '<!doctype html><html lang="ko"><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Dokja 독자</title>' +
    '<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}' +
    '@media (prefers-color-scheme:dark){body{background:#14171a;color:#e8eaed}a{color:#9cc4ff}}</style>' +
    `<main><h1>보고서 <small lang="en">Reports</small></h1>${body}</main></html>`
  )
}
