import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dokja, modelPath } from './run-cli.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dokja-compare-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('dokja compare', () => {
  it('prints one JSON document with the promised fields and nothing else', () => {
    const run = dokja(['compare', modelPath('sft1'), modelPath('s1'), '--json'])
    expect(run.stderr).toBe('')
    const report = JSON.parse(run.stdout)
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining([
        'schemaVersion',
        'candidate',
        'reference',
        'components',
        'verdict',
        'bytesRead',
      ]),
    )
    const body = report.components.find(
      (c: { component: string }) => c.component === 'language_model',
    )
    for (const field of [
      'verdict',
      'tier',
      'log10P',
      'minDetectableCorrelation',
      'parameterFraction',
    ]) {
      expect(body).toHaveProperty(field)
    }
    for (const field of ['test', 'tier', 'log10P', 'statistic', 'n']) {
      expect(body.tests[0]).toHaveProperty(field)
    }
    expect(report.verdict).toBe('derived')
    expect(run.status).toBe(1)
  })

  it.each([
    ['s2', 's1', 0],
    ['sft1', 's1', 1],
    ['same1', 's1', 3],
    ['s1', 's1', 1],
  ])('%s against %s ends with status %i', (candidate, reference, status) => {
    expect(dokja(['compare', modelPath(candidate), modelPath(reference)]).status).toBe(status)
  })

  it('writes a report that is whole, in both languages', () => {
    const out = join(scratch, 'report')
    const run = dokja(['compare', modelPath('sft1'), modelPath('s1'), '--out', out])
    expect(run.status).toBe(1)
    expect(readdirSync(out).sort()).toEqual(['comparison.html', 'comparison.json'])
    const html = readFileSync(join(out, 'comparison.html'), 'utf8')
    expect(html).toContain('<html lang="ko"')
    expect(html).toContain('lang="en"')
    expect(html).not.toMatch(/(src|href)="https?:/)
    expect(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')).verdict).toBe('derived')
  })

  it('speaks Korean when asked', () => {
    const run = dokja(['compare', modelPath('s2'), modelPath('s1'), '--lang', 'ko'])
    expect(run.stdout).toMatch(/[가-힣]{2,}/)
  })

  it('shows an example in its help', () => {
    for (const command of ['compare', 'audit', 'demo']) {
      const run = dokja([command, '--help'])
      expect(run.status).toBe(0)
      expect(run.stdout).toContain('Example:')
    }
  })
})

describe('dokja audit', () => {
  it('finds the borrowed tower among several references', () => {
    const run = dokja([
      'audit',
      modelPath('vlm-borrowed-tuned'),
      '--against',
      modelPath('s1'),
      modelPath('vlm-donor'),
      '--json',
    ])
    const report = JSON.parse(run.stdout)
    expect(run.status).toBe(1)
    expect(report.references.matched).toEqual([modelPath('vlm-donor')])
    expect(report.criteria.technical.outcome).toBe('not_met')
    expect(report.criteria.technical.reasons[0]).toHaveProperty('text')
    expect(report.criteria.technical.reasons[0]).toHaveProperty('evidence')
    expect(report.criteria.policy.outcome).toBe('not_determinable')
    const tower = report.components.find(
      (c: { component: string }) => c.component === 'vision_encoder',
    )
    expect(tower).toMatchObject({ verdict: 'derived', reference: modelPath('vlm-donor') })
  })

  it('without references decides nothing', () => {
    const run = dokja(['audit', modelPath('s1'), '--json'])
    expect(run.status).toBe(3)
    expect(JSON.parse(run.stdout).criteria.technical.outcome).toBe('not_determinable')
  })
})
