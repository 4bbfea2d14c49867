import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../base/canonical-json.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import type { InputFile } from '../rows/table.ts'
import { type RoundResult, runRound } from '../run-round.ts'
import { keyFromSeed } from '../seal/envelope.ts'
import { formatEntry } from '../seal/record.ts'
import { sealPlan } from '../seal/seal.ts'
import { hashOfLeaf, type Leaf } from './leaves.ts'
import { leafHash } from './merkle.ts'
import { publishViews } from './publish-views.ts'
import { readView, verifyView } from './verify-view.ts'
import type { RoundView } from './view.ts'
import type { ProvenView } from './view-schema.ts'

const FOLDER = join(import.meta.dirname, '../../../../../testdata/rounds/small')
const ROLES = { rows: 'rows', panels: 'panel' } as const
const FILES: InputFile[] = (['rows', 'panels'] as const).flatMap((folder) =>
  readdirSync(join(FOLDER, folder)).map((name) => ({
    role: ROLES[folder],
    name: name.replace(/\.\w+$/, ''),
    path: `${folder}/${name}`,
    bytes: new Uint8Array(readFileSync(join(FOLDER, folder, name))),
  })),
)
const LINE = '  - { audience: public, shows: [rules, totals, ranks] }'
const SECRET = '5e'.repeat(32)
const asOf = '2026-05-01T00:00:00Z'

function resultWith(disclosure: string): RoundResult {
  const original = readFileSync(join(FOLDER, 'plan.yaml'), 'utf8')
  expect(original).toContain(LINE)
  const text = original.replace(LINE, disclosure)
  const key = keyFromSeed(new Uint8Array(32).fill(7))
  const sealing = { time: '2026-03-01T00:00:00Z', author: 'office', key, existingResults: [] }
  const entry = sealPlan({ parsed: parsePlan(text, 'plan.yaml'), record: [], ...sealing })
  const plan = { text, path: 'plan.yaml' }
  return runRound({
    plan,
    record: { text: formatEntry(entry), path: 'record.jsonl' },
    files: FILES,
  })
}

const CLOSED = `  - { audience: public, shows: [rules, part_mean] }
  - { audience: team, shows: [own_scores, traces] }`
const closed = resultWith(CLOSED)
const publication = publishViews(closed, { secret: SECRET, asOf })
const viewOf = (folder: string, from = publication): RoundView => {
  const found = from.views.find((entry) => entry.folder === folder)
  if (!found) throw new Error(folder)
  return found.view
}
const bytesOf = (view: unknown) => new TextEncoder().encode(JSON.stringify(view))
const read = (view: unknown) => readView(bytesOf(view), 'view.json')
const beta = viewOf('teams/beta')
const open = read(viewOf('public')).commitment
const verify = (view: ProvenView) =>
  verifyView(view, { root: open.root, planDigest: open.planDigest, leaves: open.leaves })

/** A copy of the view in which one thing is changed. */
function changed(change: (copy: ProvenView) => void): ProvenView {
  const copy = structuredClone(read(beta)) as ProvenView
  change(copy)
  return copy
}

describe('a private view', () => {
  it('leads all its numbers to the root of the public view, and nothing else is needed', () => {
    const result = verify(read(beta))
    expect(result).toMatchObject({ kind: 'verified', failures: [] })
    // Five parts, the total and whether it goes on.
    expect(result.proven).toBe(7)
  })

  it('fails, naming the value, when the value, salt, path, place or root was changed', () => {
    const digit = fc.constantFrom(...'0123456789abcdef')
    const count = beta.openings.length
    fc.assert(
      fc.property(fc.nat(count - 1), fc.nat(63), digit, (at, place, hex) => {
        const swap = (text: string) => text.slice(0, place) + hex + text.slice(place + 1)
        const opening = beta.openings[at]!
        const { team, item, salt } = opening.leaf
        const name = new RegExp(`^${team} ${item}: value, salt and path do not lead`)
        const failing = (view: ProvenView) =>
          expect(verify(view).failures.some((failure) => name.test(failure))).toBe(true)
        if (swap(salt) !== salt)
          failing(
            changed((copy) => {
              copy.openings[at]!.leaf.salt = swap(salt)
            }),
          )
        opening.path.forEach((hash, step) => {
          if (swap(hash) !== hash)
            failing(
              changed((copy) => {
                copy.openings[at]!.path[step] = swap(hash)
              }),
            )
        })
        failing(
          changed((copy) => {
            copy.openings[at]!.leaf.value = '25.0'
          }),
        )
        failing(
          changed((copy) => {
            copy.openings[at]!.index = (copy.openings[at]!.index + 1) % open.leaves
          }),
        )
      }),
      { numRuns: 40 },
    )
    const other = changed((copy) => {
      copy.commitment.root = `sha256:${'0'.repeat(64)}`
    })
    expect(verify(other).failures[0]).toContain('the view names the root sha256:0000')
  })

  it('fails when a number before the reader is another than the one proven, or has no proof', () => {
    const raised = changed((copy) => {
      const team = copy.teams.find((entry) => entry.team === 'beta')!
      if (team.total.state === 'shown') team.total.value = { kind: 'published', text: '99' }
    })
    expect(verify(raised).failures).toEqual([
      'beta total: shown is another value than the one proven',
    ])
    const bare = changed((copy) => {
      copy.openings = copy.openings.filter((opening) => opening.leaf.item !== 'total')
    })
    expect(verify(bare).failures).toEqual(['beta total: shown without a proof'])
    const borrowed = changed((copy) => {
      copy.openings = []
      copy.teams = []
    })
    expect(verify(borrowed).kind).toBe('failed')
  })

  it('says nothing of other teams: their values are withheld in place, their salts are absent', () => {
    const text = new TextDecoder().decode(bytesOf(beta))
    for (const team of ['alpha', 'gamma']) {
      const other = beta.teams.find((entry) => entry.team === team)!
      expect(other.total).toEqual({ state: 'withheld' })
      expect(other.parts.every((part) => part.score.state === 'withheld')).toBe(true)
      const own = closed.board.teams.find((entry) => entry.team === team)!
      if (own.total.kind !== 'exact') throw new Error('no total')
      const secretLeaf = publication.office.openings.find(
        (opening) => opening.leaf.team === team && opening.leaf.item === 'total',
      )!
      expect(text).not.toContain(secretLeaf.leaf.salt)
      const { n, d } = own.total.value
      expect(text).not.toContain(`${n}/${d}`)
      expect(text).not.toContain(closed.board.digest)
      expect(text).not.toContain(closed.board.rowsDigest)
    }
  })

  it('gives no hold to guessing: no likely value of a rival hashes to any hash of the paths', () => {
    const hashes = new Set(beta.openings.flatMap((opening) => opening.path))
    const known = beta.openings.map((opening) => opening.leaf)
    const alpha = publication.office.openings.find(
      ({ leaf }) => leaf.team === 'alpha' && leaf.item === 'total',
    )!.leaf
    const guesses: Leaf[] = known.map(({ salt }) => ({ ...alpha, salt }))
    for (const guess of guesses) expect(hashes.has(hashOfLeaf(guess))).toBe(false)
    const { salt: _, ...unsalted } = alpha
    expect(hashes.has(leafHash(canonicalBytes(unsalted)))).toBe(false)
    // The true leaf would be found: the test can fail.
    expect(rootsAnywhere(alpha)).toBe(true)
  })

  it('has fresh salts for another secret, plan or scoreboard, and the same root for the same', () => {
    const again = publishViews(closed, { secret: SECRET, asOf })
    expect(viewOf('public', again).commitment.root).toBe(open.root)
    const other = publishViews(closed, { secret: 'ff'.repeat(32), asOf })
    expect(viewOf('public', other).commitment.root).not.toBe(open.root)
    const salts = (from: typeof publication) =>
      new Set(from.office.openings.map((opening) => opening.leaf.salt))
    const shared = [...salts(publication)].filter((salt) => salts(other).has(salt))
    expect(shared).toEqual([])
  })
})

/** Whether the leaf is under the published root, as the office can show. */
const rootsAnywhere = (leaf: Leaf) =>
  publication.office.openings.some((opening) => hashOfLeaf(opening.leaf) === hashOfLeaf(leaf))

describe('what an audience sees', () => {
  it('follows the words of the plan: the public has means and no score', () => {
    const view = viewOf('public')
    expect(view.aggregates.find((entry) => entry.part === 'user')).toMatchObject({
      mean: { state: 'shown' },
      best: { state: 'withheld' },
      bestTeams: { state: 'withheld' },
    })
    expect(view.ranking).toEqual({ state: 'withheld' })
    expect(view.openPlaces).toEqual({ state: 'withheld' })
    expect(view.openings).toEqual([])
    expect(view.plan.state).toBe('shown')
  })

  it('gives the panel nothing that the plan does not name, not even the rules of others', () => {
    const view = viewOf(
      'panel',
      publishViews(resultWith('  - { audience: public, shows: [] }'), {
        secret: SECRET,
        asOf,
      }),
    )
    expect(view.plan).toEqual({ state: 'withheld' })
    expect(view.teams.flatMap((team) => [team.total.state, team.gate.state])).toEqual(
      Array(6).fill('withheld'),
    )
  })

  it('shows everything to the office, with a proof for every value', () => {
    const view = publication.office
    const result = verifyView(read(view), { root: open.root })
    expect(result).toMatchObject({ kind: 'verified' })
    expect(result.proven + 2).toBe(view.commitment.leaves)
  })

  it('cuts a trace where it would show the best team or single panellists', () => {
    const own = beta.teams.find((entry) => entry.team === 'beta')!
    const trace = (part: string) => {
      const found = own.parts
        .flatMap((entry) => [entry, ...entry.parts])
        .find((entry) => entry.part === part)!.trace
      if (found.state !== 'shown') throw new Error('withheld')
      return found.value
    }
    expect(trace('user')).toMatchObject({ cut: 'other_teams', from: [], rows: [] })
    expect(JSON.stringify(trace('user'))).not.toContain('best')
    const expert = JSON.stringify(trace('expert'))
    expect(expert).toContain('"cut":"panellists"')
    for (const panellist of ['e1', 'e2', 'e3', 'e4', 'e5']) {
      expect(expert).not.toContain(`"${panellist}:`)
    }
    expect(trace('common').from[0]?.rows.every((row) => row.lines === '')).toBe(true)
  })

  it('withholds the sums of a total whose parts are withheld', () => {
    const totals = publishViews(
      resultWith('  - { audience: public, shows: [rules, totals, traces] }'),
      { secret: SECRET, asOf },
    )
    const team = viewOf('public', totals).teams[0]!
    expect(team.total.state).toBe('shown')
    expect(team.totalTrace.state).toBe('withheld')
  })

  it('keeps distances from those who see ranks only', () => {
    const ranks = publishViews(
      resultWith('  - { audience: public, shows: [ranks, sensitivity] }'),
      { secret: SECRET, asOf },
    )
    const { sensitivity } = viewOf('public', ranks)
    expect(sensitivity.pairs.state).toBe('withheld')
    expect(sensitivity.weightSwaps.state).toBe('withheld')
    expect(sensitivity.panels.state).toBe('withheld')
    expect(sensitivity.effectiveWeights.state).toBe('shown')
    const left = sensitivity.leaveOneOut
    if (left.state !== 'shown') throw new Error('withheld')
    const names = left.value.filter((entry) => entry.kind === 'panellist').flatMap((e) => e.cases)
    expect(names.every((entry) => entry.label.startsWith('#'))).toBe(true)
  })

  it('tells the office when a withheld score can be worked out all the same', () => {
    const rules = `  - { audience: public, shows: [rules, part_mean, part_best, part_best_team] }
  - { audience: team, shows: [own_scores] }`
    const from = publishViews(resultWith(rules), { secret: SECRET, asOf })
    const second = from.views.find((entry) => entry.folder === 'teams/beta')!
    // Three teams: own, best and mean leave one unknown.
    expect(second.derivable).toContainEqual({ part: 'total', team: 'gamma', from: 'mean' })
    expect(publication.views.flatMap((entry) => entry.derivable)).toEqual([])
  })
})
