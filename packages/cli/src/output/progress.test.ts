import type { CompareProgress } from '@dokja/core'
import { describe, expect, it } from 'vitest'
import { auditProgress, byteProgress, comparisonProgress } from './progress-text.ts'
import { createProgress } from './terminal.ts'

function stream(isTTY: boolean, columns = 80) {
  const written: string[] = []
  const write = (text: string | Uint8Array) => {
    written.push(String(text))
    return true
  }
  return { written, isTTY, columns, write }
}

const STEP: CompareProgress = {
  component: 'vision_encoder',
  at: 1,
  components: 4,
  step: 'content',
  done: 12,
  of: 40,
  bytesRead: 3_210_000,
}

describe('progress', () => {
  it('names component, tier, step, its share and the bytes', () => {
    expect(comparisonProgress(STEP)).toBe(
      'vision encoder 2/4 · exact test, equal values 12/40 · 3.2 MB read',
    )
    const robust = comparisonProgress({ ...STEP, step: 'robust', done: 0, of: 0 })
    expect(robust).toContain('· empirical, agreement under rearrangement ·')
  })

  it('says which reference an audit compares, and what it does after the last', () => {
    const audit = { phase: 'reference', reference: 2, references: 9, comparison: STEP } as const
    expect(auditProgress(audit)).toMatch(/^reference 3\/9 · vision encoder 2\/4 · exact/)
    expect(auditProgress({ ...audit, phase: 'mixtures', comparison: null })).toBe(
      'mixtures of references',
    )
  })

  it('gives rate and remaining time of a full read once they are known', () => {
    let at = 0
    const text = byteProgress(() => at)
    expect(text(0, 8e9)).toBe('every byte · 0.0 kB of 8.0 GB (0%)')
    at = 2000
    expect(text(1e9, 8e9)).toBe('every byte · 1.0 GB of 8.0 GB (12%) · 500 MB/s · about 14 s left')
    // Ten seconds later the start no longer counts.
    at = 12_000
    expect(text(2e9, 8e9)).toContain('· 100 MB/s · about 60 s left')
    // Nothing came for longer than the window.
    at = 32_000
    expect(text(3e9, 8e9)).toContain('· 50 MB/s · about 2 min left')
    for (; at < 44_000; at += 1) text(3e9 + (at - 32_000) * 1e6, 16e9)
    expect(text(15e9, 16e9)).toContain('· 1.0 GB/s · about 1 s left')
    at = 45_000
    expect(text(0, 4e9)).toBe('every byte · 0.0 kB of 4.0 GB (0%)')
  })

  it('rewrites one line of a terminal, which never wraps and drives nothing', () => {
    const terminal = stream(true, 30)
    const progress = createProgress(terminal)
    progress.show('a \u001b[31mtensor\n with a name that goes on and on')
    progress.show('b')
    progress.show('b')
    progress.end()
    expect(terminal.written).toEqual([
      '\r\u001b[Ka [U+001B][31mtensor[U+000A] ',
      '\r\u001b[Kb',
      '\r\u001b[K',
    ])
  })

  it('writes a whole line now and then where there is no terminal', () => {
    const log = stream(false)
    let at = 0
    const progress = createProgress(log, () => at)
    for (; at <= 95_000; at += 500) progress.show(`at ${at}`)
    progress.end()
    expect(log.written).toEqual([
      '[0.5 min] at 30000\n',
      '[1.0 min] at 60000\n',
      '[1.5 min] at 90000\n',
    ])
  })
})
