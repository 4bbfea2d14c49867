import { visible } from '@dokja/core'
import { InvalidArgumentError } from 'commander'

// Rules of the terminal: results go to stdout; progress goes to stderr, as one line that rewrites
// itself on a terminal and as a line now and then elsewhere; with --json stdout carries one JSON
// document and nothing else.

export type Language = 'ko' | 'en'

/** The value of --lang. */
export function parseLanguage(text: string): Language {
  if (text === 'ko' || text === 'en') return text
  throw new InvalidArgumentError('It must be ko or en.')
}

/** --lang decides; else the locale, when it is Korean; else English. */
export function chooseLanguage(option: Language | undefined): Language {
  if (option !== undefined) return option
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  return /^ko/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'ko' : 'en'
}

/** Documents hold both languages and open in Korean unless English was asked for. */
export const chooseDocumentLanguage = (option: Language | undefined): Language => option ?? 'ko'

export const usesColor = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR']

export const terminalWidth = (): number => Math.min(100, process.stdout.columns ?? 100)

export type Progress = { readonly show: (text: string) => void; readonly end: () => void }

type ProgressStream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** A log that is read afterwards needs a sign of life, not a history; short runs leave none. */
const SPARSE_MS = 30_000

/**
 * One line that rewrites itself on a terminal. Elsewhere one line every half minute, the first
 * after half a minute, with the minutes gone by.
 */
export function createProgress(
  stream: ProgressStream = process.stderr,
  now: () => number = Date.now,
): Progress {
  return stream.isTTY === true ? rewrittenLine(stream) : sparseLines(stream, now)
}

function rewrittenLine(stream: ProgressStream): Progress {
  let shown = ''
  return {
    show: (text) => {
      // A line that wraps cannot be rewritten. Some terminals say that they have no columns.
      const line = [...visible(text)].slice(0, Math.max(10, (stream.columns || 80) - 1)).join('')
      if (line !== shown) stream.write(`\r\u001b[K${line}`)
      shown = line
    },
    end: () => {
      shown = ''
      stream.write('\r\u001b[K')
    },
  }
}

function sparseLines(stream: ProgressStream, now: () => number): Progress {
  const begun = now()
  let last = begun
  return {
    show: (text) => {
      if (now() - last < SPARSE_MS) return
      last = now()
      const minutes = ((last - begun) / 60_000).toFixed(1)
      stream.write(`[${minutes} min] ${visible(text)}\n`)
    },
    end: () => {},
  }
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
