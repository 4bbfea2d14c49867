import { sha256 } from '@noble/hashes/sha2.js'
import { LANGUAGES, type Language } from '../messages/language.ts'
import { pageWords } from '../messages/page-words.ts'
import { Html, html } from './markup.ts'
import { PAGE_SCRIPT } from './script.ts'
import { PAGE_STYLE } from './style.ts'

export type PageOptions = {
  /** The language shown first; the other is one switch away, in the same file. */
  readonly language: Language
  /** Shown in the browser's tab, in both languages. */
  readonly title: string
  /** Rules for this kind of page, after those that all pages have. */
  readonly style?: string
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ko: '한국어', en: 'English' }

/**
 * A complete document in one file: both languages, style and script inside, nothing from outside.
 * The content policy forbids every request and admits only this style and this script, by their
 * digests, so that even markup that slipped through could neither run nor report.
 */
export function renderPage(options: PageOptions, body: (language: Language) => Html): string {
  const { language, title } = options
  const style = `${PAGE_STYLE}${options.style ?? ''}`
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(style)}'`,
    `script-src '${sourceHash(PAGE_SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header class="bar">
<a class="skip" href="#report">${LANGUAGES.map(
    (one) => html`<span lang="${one}" class="bilingual">${pageWords('skip', one)}</span>`,
  )}</a>
<span class="brand">Dokja <span lang="ko">독자</span></span>
${languageSwitch(language)}
</header>
<main id="report">
${LANGUAGES.map((one) => html`<article class="report" lang="${one}">${body(one)}</article>\n`)}
</main>
<script>${new Html(PAGE_SCRIPT)}</script>
</body>
</html>
`
  return page.markup
}

function languageSwitch(first: Language): Html {
  return html`<fieldset class="language"><legend class="unseen">${LANGUAGES.map(
    (one) => html`<span lang="${one}" class="bilingual">${pageWords('language', one)}</span>`,
  )}</legend>${LANGUAGES.map((one) => {
    const checked = new Html(one === first ? ' checked' : '')
    return html`<input type="radio" name="language" id="show-${one}" value="${one}" autocomplete="off"${checked}><label for="show-${one}" lang="${one}">${LANGUAGE_NAMES[one]}</label>`
  })}</fieldset>`
}

/** A source expression of Content Security Policy Level 3 for an inline element. */
function sourceHash(text: string): string {
  return `sha256-${base64(sha256(new TextEncoder().encode(text)))}`
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3)
    const block = (a << 16) | (b << 8) | c
    const digits = [18, 12, 6, 0].map((shift) => BASE64[(block >> shift) & 63] ?? '')
    const kept = Math.min(3, bytes.length - at) + 1
    text += digits.slice(0, kept).join('').padEnd(4, '=')
  }
  return text
}
