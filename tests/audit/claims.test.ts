import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { runAudit } from '../../packages/core/src/audit/run-audit.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { renderAudit } from '../../packages/core/src/render/terminal.ts'
import { MODELS } from './models.ts'

const open = (name: string) => openCheckpoint(join(MODELS, name))

// What a model's card says, held against named references without any registry.

async function withCard(name: string, card: string): Promise<TensorSource> {
  const source = await open(name)
  const texts = new Map([...source.checkpoint.texts, ['README.md', card]])
  return { ...source, checkpoint: { ...source.checkpoint, texts } }
}

const outcomesOf = async (card: string, options: { own?: string[]; against?: string[] } = {}) => {
  const { own = [], against = ['s1', 's2'] } = options
  const candidate = await withCard('sft1', card)
  const report = await runAudit(
    candidate,
    against.map((name) => () => open(name)),
    { ownAncestors: own },
  ).finally(() => candidate.close())
  return {
    report,
    claims: (report.claims ?? []).map(({ claim, reference, outcome }) => [
      claim,
      reference,
      outcome,
    ]),
  }
}

describe('the card of a fine-tune of s1', () => {
  it('that says nothing: the relation is named as not on the card', async () => {
    const { claims } = await outcomesOf('# A model\n')
    expect(claims).toEqual([['undeclared', 's1', 'found']])
  })

  it('that claims to be from scratch is contradicted by the weights', async () => {
    const { claims, report } = await outcomesOf('Trained from scratch by us.')
    expect(claims).toEqual([
      ['from_scratch', 's1', 'contradicted'],
      ['undeclared', 's1', 'found'],
    ])
    expect(report.claims?.[0]?.log10P).toBeLessThan(-100)
    for (const [language, words] of [
      ['ko', '처음부터 학습했다는 설명: s1에 의존합니다'],
      ['en', 'Said to be trained from scratch: it depends on s1'],
    ] as const) {
      expect(renderAudit(report, { language, color: false, width: 100 })).toContain(words)
    }
  })

  it('that names its base, another one and one that was not compared', async () => {
    const card = '---\nbase_model: [models/s1, models/s2, org/other]\n---\n'
    const { claims } = await outcomesOf(card)
    expect(claims).toEqual([
      ['base_model', 'models/s1', 'supported'],
      ['base_model', 'models/s2', 'not_supported'],
      ['base_model', 'org/other', 'not_searched'],
    ])
  })

  it('need not name what was declared as the team’s own', async () => {
    const { claims, report } = await outcomesOf('# A model\n', { own: ['s1'] })
    expect(claims).toEqual([])
    expect(report).not.toHaveProperty('claims')
  })

  it('claims nothing against nothing', async () => {
    const { claims } = await outcomesOf('Trained from scratch.', { against: [] })
    expect(claims).toEqual([])
  })

  it('is left alone where no relation was found', async () => {
    const { claims } = await outcomesOf('Trained from scratch.', { against: ['s2'] })
    expect(claims).toEqual([['from_scratch', '', 'supported']])
  })
})
