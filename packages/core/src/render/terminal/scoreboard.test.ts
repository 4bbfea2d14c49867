import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRoundFolder } from '../../../node/round/round-folder.ts'
import { runRound } from '../../round/run-round.ts'
import { renderScoreboard } from './scoreboard.ts'
import { displayWidth } from './width.ts'

const folder = join(import.meta.dirname, '../../../../../examples/korea-2026-stage1')
const input = await readRoundFolder(folder)
const result = runRound(input)
const bounded = runRound({ ...input, files: input.files.filter((file) => file.role === 'facts') })
const plain = { color: false, width: 140 } as const

describe('the scoreboard on a terminal', () => {
  it('shows rank, points, gate and who advances, in Korean and in English', () => {
    const english = renderScoreboard(result, { ...plain, language: 'en' })
    expect(english).toMatch(/1 {2}LG AI Research +33\.6 +31\.6 +25\.0 +90\.2 {2}met +yes/)
    expect(english).toMatch(/4 {2}Naver Cloud .* excluded +no/)
    expect(english).toContain('open places: 1')
    const korean = renderScoreboard(result, { ...plain, language: 'ko' })
    expect(korean).toMatch(/네이버클라우드 .* 배제 +탈락/)
    expect(korean).toContain('남은 자리: 1')
  })

  it('shows a range where only aggregates were published, never a value', () => {
    const text = renderScoreboard(bounded, { ...plain, language: 'en' })
    expect(text).toMatch(/LG AI Research +33\.6 +31\.6 +25\.0 +90\.2/)
    expect(text).toMatch(/NC AI +\d+\.\d–\d+\.\d/)
  })

  it.each([60, 80, 100])('keeps within %i columns, addresses aside', (width) => {
    for (const language of ['ko', 'en'] as const) {
      const lines = renderScoreboard(result, { color: false, width, language }).split('\n')
      const wide = lines.filter((line) => displayWidth(line) > width && !/sha256:/.test(line))
      expect(wide).toEqual([])
    }
  })

  it('says what changed since the record, and which published figure the rows do not give', () => {
    const files = input.files.map((file) => {
      if (!file.path.startsWith('rows/user/')) return file
      const text = new TextDecoder().decode(file.bytes).replace('user-001,lg,', 'user-001,lg,0')
      return {
        ...file,
        bytes: new TextEncoder().encode(text.replace(/user-001,lg,0\d/, 'user-001,lg,1')),
      }
    })
    const text = renderScoreboard(runRound({ ...input, files }), { ...plain, language: 'en' })
    expect(text).toContain('changed since the record named it')
    expect(text).toContain('file rows/user/simulated.csv')
    expect(text).toContain('published figures that the rows do not give')
  })
})
