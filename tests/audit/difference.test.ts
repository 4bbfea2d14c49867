import { describe, expect, it } from 'vitest'
import { compareByName, componentOf } from './models.ts'

// What lies between relatives, described: adapters, noise, training. Simulated models.

const changeOf = async (candidate: string) => {
  const body = componentOf(await compareByName(candidate, 's1'), 'language_model')
  return {
    notes: body.reasons.filter(({ code }) => code.startsWith('change_')),
    rank: body.tests.find(({ test }) => test === 'difference_rank'),
    verdict: body.verdict,
  }
}

describe('the change between relatives', () => {
  it('of a merged adapter has low rank and leaves most matrices alone', async () => {
    const { notes, rank, verdict } = await changeOf('lora1')
    expect(verdict).toBe('derived')
    expect(notes.map(({ code }) => code)).toEqual(['change_of_low_rank'])
    expect(notes[0]!.values['rank']).toBeLessThanOrEqual(4)
    expect(notes[0]!.values['changed']).toBe(6)
    expect(notes[0]!.values['compared']).toBe(21)
    expect(rank).toMatchObject({ tier: 'descriptive', log10P: null })
  })

  it.each(['s1-noise05', 's1-noise100'])('of %s looks like noise', async (name) => {
    const { notes } = await changeOf(name)
    expect(notes.map(({ code }) => code)).toEqual(['change_like_noise'])
  })

  it.each(['sft1', 'cpt1', 'sft1b'])('of %s looks like training: neither', async (name) => {
    const { notes, rank } = await changeOf(name)
    expect(notes).toEqual([])
    expect(rank!.statistic! / rank!.n).toBeGreaterThan(0.4)
  })

  it('is not described between strangers', async () => {
    expect((await changeOf('s2')).rank).toBeUndefined()
  })
})
