// Rules of the terminal: results go to stdout; progress goes to stderr and only to a terminal;
// with --json stdout carries one JSON document and nothing else.

export type Language = 'ko' | 'en'

/** --lang decides; else the locale, when it is Korean; else English. */
export function chooseLanguage(option: string | undefined): Language {
  if (option === 'ko' || option === 'en') return option
  const { LC_ALL, LC_MESSAGES, LANG } = process.env
  return /^ko/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'ko' : 'en'
}

/** Documents hold both languages and open in Korean unless English was asked for. */
export const chooseDocumentLanguage = (option: string | undefined): Language =>
  option === 'en' ? 'en' : 'ko'

export const usesColor = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR']

export const terminalWidth = (): number => Math.min(100, process.stdout.columns ?? 100)

/** One line that rewrites itself; silent where stderr is not a terminal. */
export function createProgress(): {
  readonly show: (text: string) => void
  readonly end: () => void
} {
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
