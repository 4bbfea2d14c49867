import { existsSync } from 'node:fs'

/** Where the systems that we know put it; DOKJA_CHROMIUM names another place instead. */
const KNOWN_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const named = process.env['DOKJA_CHROMIUM']

export const CHROMIUM: string | undefined = (named === undefined ? KNOWN_PLACES : [named]).find(
  (place) => existsSync(place),
)

export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
]
