import { describe, expect, it } from 'vitest'
import { borrowedVisionReport } from '../../core/src/render/testing/audit-cases.ts'
import { viewReport } from './report.ts'

describe('a report in the browser', () => {
  it('is the page that the command line writes', () => {
    const view = viewReport(JSON.stringify(borrowedVisionReport()), 'ko')
    expect(view.kind).toBe('page')
    if (view.kind === 'page') expect(view.html).toContain('<html lang="ko"')
  })

  it.each(['', '{', '[]', '{"schemaVersion":2}', 'null'])('refuses %s', (text) => {
    expect(viewReport(text, 'en').kind).toBe('refused')
  })
})
