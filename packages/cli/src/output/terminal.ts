import { InvalidArgumentError } from 'commander'

// Rules of the terminal: results go to stdout; progress goes to stderr and only to a terminal;
// with --json stdout carries one JSON document and nothing else.

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

/** One line that rewrites itself; silent where stderr is not a terminal. */
export function createProgress(): Progress {
  const isShown = process.stderr.isTTY === true
  return {
    show: (text) => {
      if (isShown) process.stderr.write(`\r\u001b[K${text}`)
    },
    end: () => {
      if (isShown) process.stderr.write('\r\u001b[K')
    },
  }
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
