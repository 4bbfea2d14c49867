import { type AuditReport, renderAuditHtml } from '@dokja/core'

/** What a browser shows of an `audit.json`: the same page that the command line writes. */
export type ReportView =
  | { readonly kind: 'page'; readonly html: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** Renders the text of an `audit.json` in the browser, with the code that wrote its HTML. */
export function viewReport(text: string, language: 'ko' | 'en'): ReportView {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'refused', reason: 'not JSON' }
  }
  if (!isAuditReport(value)) return { kind: 'refused', reason: 'not an audit report of version 1' }
  return { kind: 'page', html: renderAuditHtml(value, { language }) }
}

function isAuditReport(value: unknown): value is AuditReport {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Partial<Record<keyof AuditReport, unknown>>
  return (
    record.schemaVersion === 1 &&
    Array.isArray(record.components) &&
    Array.isArray(record.comparisons) &&
    typeof record.criteria === 'object' &&
    typeof record.references === 'object'
  )
}
