import type { Language } from './language.ts'

/** Inside one quantity a line must not break. Terminals turn it into a plain space. */
export const NO_BREAK = '\u00a0'

/**
 * Numbers as a reader who is no statistician takes them in. Rounding never flatters: chances are
 * rounded up, detection limits are rounded up, and a share that is not whole is never shown as 0 %
 * or 100 %.
 */

/** A p-value given as log10, as a natural frequency: '1 in 10^231', '1 in 1,230', '41 in 100'. */
export function formatChance(log10P: number, language: Language): string {
  const exponent = Math.max(0, -log10P)
  // 1e-9 absorbs the rounding of a logarithm: log10 of 1e-3 may come as -2.9999999999999996.
  if (exponent >= 6) return oneIn(`10^${Math.floor(exponent + 1e-9)}`, language)
  if (exponent >= 2) return oneIn(group(floorToThreeDigits(10 ** exponent)), language)
  const percent = Math.min(100, Math.max(1, Math.ceil(100 * 10 ** -exponent - 1e-9)))
  return language === 'ko'
    ? `100분의${NO_BREAK}${percent}`
    : `${percent}${NO_BREAK}in${NO_BREAK}100`
}

function oneIn(count: string, language: Language): string {
  return language === 'ko' ? `${count}분의${NO_BREAK}1` : `1${NO_BREAK}in${NO_BREAK}${count}`
}

function floorToThreeDigits(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 2)
  return Math.floor((value * (1 + 1e-12)) / step) * step
}

/** log10 of a p-value, rounded towards zero: '-231.2'. */
export function formatLog10(log10P: number): string {
  const tenths = Math.trunc(log10P * 10 + Math.sign(log10P) * 1e-6) / 10
  return tenths === 0 ? '0.0' : tenths.toFixed(1)
}

/** A correlation to four decimals; only an exact 1 is shown as 1. */
export function formatCorrelation(value: number): string {
  const rounded = Math.round(value * 1e4) / 1e4
  if (Math.abs(rounded) >= 1 && Math.abs(value) < 1) return value < 0 ? '-0.9999' : '0.9999'
  return (rounded === 0 ? 0 : rounded).toFixed(4)
}

/** The smallest correlation that would have been seen, rounded up to two digits. */
export function formatDetectable(value: number): string {
  if (value <= 0) return '0'
  const decimals = Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(value))))
  const scale = 10 ** decimals
  return (Math.ceil(value * scale - 1e-9) / scale).toFixed(decimals)
}

/** A fraction of 0 to 1 as per cent. */
export function formatFraction(fraction: number): string {
  const percent = fraction * 100
  if (percent > 0 && percent < 0.1) return '<0.1%'
  if (percent < 100 && percent > 99.9) return '>99.9%'
  const text = percent.toFixed(1)
  return `${text.endsWith('.0') ? text.slice(0, -2) : text}%`
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal units (1 MB = 10^6 bytes), as transfers and disks are sold. */
export function formatBytes(bytes: number, language: Language): string {
  const power = Math.min(
    BYTE_UNITS.length - 1,
    bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3 + 1e-12),
  )
  const unit = BYTE_UNITS[power] ?? 'bytes'
  if (power === 0)
    return language === 'ko' ? `${group(bytes)}바이트` : `${group(bytes)}${NO_BREAK}bytes`
  return `${threeDigits(bytes / 1000 ** power)}${NO_BREAK}${unit}`
}

/** Parameter counts: '32.5 billion', '325억'. Below ten thousand the number itself. */
export function formatParameters(count: number, language: Language): string {
  const scales = language === 'ko' ? KOREAN_SCALES : ENGLISH_SCALES
  for (const [size, name] of scales) {
    if (count >= size) return `${threeDigits(count / size)}${name}`
  }
  return group(count)
}

const KOREAN_SCALES = [
  [1e12, '조'],
  [1e8, '억'],
  [1e4, '만'],
] as const

const ENGLISH_SCALES = [
  [1e12, `${NO_BREAK}trillion`],
  [1e9, `${NO_BREAK}billion`],
  [1e6, `${NO_BREAK}million`],
] as const

/** Whole numbers with thousands separated, others to four significant digits. */
export function formatCount(value: number): string {
  if (Number.isInteger(value)) return group(value)
  return String(Number(value.toPrecision(4)))
}

function threeDigits(value: number): string {
  if (value >= 99.95) return group(Math.round(value))
  const text = value.toFixed(value >= 9.995 ? 1 : 2)
  return text.replace(/\.?0+$/, '')
}

function group(value: number): string {
  const sign = value < 0 ? '-' : ''
  return (
    sign +
    Math.abs(value)
      .toFixed(0)
      .replace(/\B(?=(\d{3})+$)/g, ',')
  )
}
