import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  servedBytes,
  startTestHub,
  type TestHub,
} from '../../packages/core/node/remote/testing/hub-server.ts'
import { dokja, dokjaAside, modelPath, ROOT } from './run-cli.ts'

let folder = ''
let registry = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dokja-registry-cli-'))
  registry = join(folder, 'known')
  const models = ['s1', 's2', 'vlm-donor', 'd9'].map(modelPath)
  const added = dokja(['registry', 'add', ...models, '--registry', registry, '--json'])
  expect(added.status).toBe(0)
  expect(JSON.parse(added.stdout).models).toHaveLength(4)
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

describe('dokja registry', () => {
  it('lists, and adds the same model twice without a change', () => {
    const again = dokja(['registry', 'add', modelPath('s1'), '--registry', registry, '--json'])
    expect(JSON.parse(again.stdout).models[0]).toMatchObject({ id: 's1', outcome: 'unchanged' })
    const list = JSON.parse(dokja(['registry', 'list', '--registry', registry, '--json']).stdout)
    expect(list.models.map((model: { id: string }) => model.id)).toEqual([
      'd9',
      's1',
      's2',
      'vlm-donor',
    ])
  })

  it('finds the parent of a fine-tune by fingerprints alone, and nothing for a stranger', () => {
    const found = dokja(['registry', 'search', modelPath('sft1'), '--registry', registry, '--json'])
    expect(found.status).toBe(1)
    const { hits, schemaVersion } = JSON.parse(found.stdout)
    expect(schemaVersion).toBe(1)
    expect(hits.map((hit: { reference: { id: string } }) => hit.reference.id)).toEqual(['s1'])
    const silent = dokja(['registry', 'search', modelPath('s3'), '--registry', registry])
    expect(silent.status).toBe(0)
    expect(silent.stdout).toContain('No model was found')
    expect(silent.stdout).toMatch(/about 271 of the 271 tokens/)
    expect(silent.stdout).toMatch(/too few for a base\s+rate/)
    expect(JSON.parse(found.stdout).tokenizers).toMatchObject({
      tokens: 271,
      models: 4,
      // What the search found is the suspect's own family and forms no base rate.
      baseRates: { models: 3, unrelated: null },
    })
  })

  it('moves between machines as one signed file; a conflict is reported and changes nothing', () => {
    const bundle = join(folder, 'known.dokjareg')
    const key = join(folder, 'key.json')
    expect(dokja(['round', 'key', key]).status).toBe(0)
    chmodSync(key, 0o600)
    const args = ['registry', 'export', '--registry', registry, '--out', bundle, '--key', key]
    const written = JSON.parse(dokja([...args, '--json']).stdout)
    expect(written).toMatchObject({ models: 4, keyId: expect.stringMatching(/^sha256:/) })
    const other = join(folder, 'other')
    dokja(['registry', 'add', modelPath('s3'), '--as', 's1', '--registry', other])
    const merged = dokja(['registry', 'add', bundle, '--registry', other, '--json'])
    expect(merged.status).toBe(1)
    expect(merged.stderr).toContain('hint:')
    const outcomes = JSON.parse(merged.stdout).models.map(
      (model: { id: string; outcome: string; signedBy: string }) => [model.id, model.outcome],
    )
    expect(outcomes).toEqual([
      ['d9', 'added'],
      ['s1', 'conflict'],
      ['s2', 'added'],
      ['vlm-donor', 'added'],
    ])
    const listed = JSON.parse(dokja(['registry', 'list', '--registry', other, '--json']).stdout)
    // What was in conflict was not taken, and so nobody signed it.
    expect(
      listed.models.map(({ id, signedBy }: { id: string; signedBy: string }) => [id, signedBy]),
    ).toEqual([
      ['d9', written.keyId],
      ['s1', null],
      ['s2', written.keyId],
      ['vlm-donor', written.keyId],
    ])
    const bytes = readFileSync(bundle)
    bytes[bytes.length - 50] = (bytes[bytes.length - 50] ?? 0) ^ 1
    writeFileSync(bundle, bytes)
    const refused = dokja(['registry', 'add', bundle, '--registry', other])
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('was altered')
    expect(dokja(['registry', 'verify', bundle]).status).toBe(2)
  })

  it('verifies a bundle and takes it only from the key that is asked for', () => {
    const [bundle, plain, key] = ['signed.dokjareg', 'plain.dokjareg', 'signer.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string]
    const made = JSON.parse(dokja(['round', 'key', key, '--json']).stdout)
    const exported = ['registry', 'export', '--registry', registry, '--out']
    expect(dokja([...exported, bundle, '--key', key]).status).toBe(0)
    expect(dokja([...exported, plain]).status).toBe(0)

    for (const signer of [made.keyId, made.public]) {
      const whole = dokja(['registry', 'verify', bundle, '--signer', signer, '--json'])
      expect(whole.status).toBe(0)
      expect(JSON.parse(whole.stdout)).toMatchObject({ signedBy: made.keyId })
      expect(JSON.parse(whole.stdout).models).toHaveLength(4)
    }
    const stranger = `sha256:${'0'.repeat(64)}`
    const other = dokja(['registry', 'verify', bundle, '--signer', stranger])
    expect([other.status, other.stdout]).toEqual([1, ''])
    expect(other.stderr).toContain(`is signed by ${made.keyId}, not by ${stranger}`)
    expect(dokja(['registry', 'verify', plain]).stdout).toContain('not signed')
    expect(dokja(['registry', 'verify', plain, '--signer', made.keyId]).status).toBe(1)
    expect(dokja(['registry', 'verify', plain, '--signer', 'abc']).status).toBe(2)
    expect(dokja(['registry', 'verify', join(folder, 'absent')]).status).toBe(2)

    const into = ['--registry', join(folder, 'trusted')]
    expect(dokja(['registry', 'add', plain, ...into, '--signer', made.keyId]).status).toBe(1)
    expect(dokja(['registry', 'list', ...into]).status).toBe(2)
    const taken = dokja(['registry', 'add', bundle, ...into, '--signer', made.keyId])
    expect(taken.stdout).toContain(`added\ts1\tsigned by ${made.keyId}\n`)
    const mixed = ['registry', 'add', bundle, modelPath('s1'), ...into, '--signer', made.keyId]
    expect(dokja(mixed).status).toBe(2)
    expect(dokja(['registry', 'list', ...into]).stdout).toContain(made.keyId.slice(7, 19))

    // Other weights under a name that was signed: the signature no longer stands for them.
    const replace = ['registry', 'add', modelPath('s3'), '--as', 's1', '--replace', ...into]
    expect(dokja(replace).status).toBe(0)
    const [, s1] = JSON.parse(dokja(['registry', 'list', ...into, '--json']).stdout).models
    expect(s1).toMatchObject({ id: 's1', signedBy: null })
  })

  it('names what fill would read, and passes over what is there', () => {
    const args = ['registry', 'fill', '--registry', registry, '--dry-run', '--json']
    const { models } = JSON.parse(dokja(args).stdout)
    expect(models.length).toBeGreaterThan(150)
    const only = JSON.parse(dokja([...args, '--only', 'pythia', '--limit', '3']).stdout)
    expect(only.models).toHaveLength(3)
  })

  it('draws the family tree', () => {
    const out = join(folder, 'atlas.html')
    const run = dokja(['registry', 'atlas', '--registry', registry, '--out', out])
    expect(run.status).toBe(0)
    expect(readFileSync(out, 'utf8')).toContain('모델 계보도')
  })

  it('compares a bare configuration, and ends 0 because it decides nothing', () => {
    const bare = join(folder, 'bare')
    mkdirSync(bare)
    const config = JSON.parse(readFileSync(join(ROOT, modelPath('s1'), 'config.json'), 'utf8'))
    writeFileSync(join(bare, 'config.json'), JSON.stringify({ ...config, vocab_size: 300 }))
    const run = dokja(['registry', 'kin', bare, '--registry', registry, '--json'])
    expect(run.status).toBe(0)
    const found = JSON.parse(run.stdout)
    expect(found).toMatchObject({
      schemaVersion: 'dokja.kin/1',
      model: 'bare',
      tier: 'descriptive',
    })
    expect(found.list.models).toBeGreaterThan(300)
    expect(found.registry.nearest.map(({ id }: { id: string }) => id)).toContain('s2')
    expect(found.registry.nearest[0].changed).toEqual([
      { key: 'vocab_size', own: 300, theirs: config.vocab_size },
    ])
    const text = dokja(['registry', 'kin', bare, '--lang', 'ko'])
    expect(text.stdout).toContain('아무것도 정하지 않습니다')
    expect(dokja(['registry', 'kin', join(folder, 'nowhere')]).status).toBe(2)
  })

  it('says what to do when the registry is empty', () => {
    const run = dokja(['registry', 'search', modelPath('s1'), '--registry', join(folder, 'none')])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(/^error: .* holds no fingerprints\nhint: dokja registry add/)
  })
})

describe('dokja registry fill', () => {
  const gone = 'b'.repeat(40)
  let hub: TestHub

  beforeAll(async () => {
    const files = ['config.json', 'model.safetensors', 'tokenizer.json'].map(
      (name) =>
        [
          name,
          servedBytes(new Uint8Array(readFileSync(join(ROOT, modelPath('s1'), name)))),
        ] as const,
    )
    hub = await startTestHub(new Map(files))
  })
  afterAll(() => hub.close())

  const entry = (id: string, commit: string | null = null) => ({
    id,
    developer: 'Simulated',
    country: null,
    kind: 'language',
    licence: null,
    licenceVerified: false,
    commit,
    architecture: {},
    verified: false,
    sources: [],
  })

  /** Fills the registry `name` from a list of these models. */
  async function fill(name: string, models: readonly object[], ...options: readonly string[]) {
    const list = join(folder, `${name}.json`)
    const head = { schemaVersion: 'dokja.catalogue/1', date: '2026-01-15', sources: {} }
    writeFileSync(list, JSON.stringify({ ...head, models }))
    const into = ['--registry', join(folder, name), '--list', list, '--allow-private-hosts']
    return dokjaAside(['registry', 'fill', ...into, ...options], {
      HF_ENDPOINT: hub.endpoint,
      XDG_CACHE_HOME: join(folder, 'cache'),
    })
  }

  it('reads models from a hub by ranges, names those that fail, and resumes', async () => {
    const models = [entry('org/model'), entry('org/absent')]
    const first = await fill('filled', models, '--json')
    expect(first.status).toBe(3)
    expect(JSON.parse(first.stdout).models).toMatchObject([
      { id: 'org/model', outcome: 'added', commit: hub.commit },
      { id: 'org/absent', outcome: 'failed', commit: null },
    ])
    const second = JSON.parse((await fill('filled', models, '--json')).stdout)
    expect(second.models.map((model: { id: string }) => model.id)).toEqual(['org/absent'])
    const filled = join(folder, 'filled')
    const [held] = JSON.parse(
      dokja(['registry', 'list', '--registry', filled, '--json']).stdout,
    ).models
    expect(held).toMatchObject({ commit: hub.commit, place: `org/model@${hub.commit}` })
    const found = dokja(['registry', 'search', modelPath('sft1'), '--registry', filled, '--json'])
    expect(JSON.parse(found.stdout).hits[0].reference.id).toBe('org/model')
  }, 60_000)

  it('reads the commit of the list, and says which default branch it took where there is none', async () => {
    const pinned = await fill('pinned', [entry('org/model', hub.commit)])
    expect(pinned.stdout).toBe(`added\torg/model@${hub.commit}\n`)
    const open = await fill('open', [entry('org/model')])
    expect(open.stdout).toBe(
      `added\torg/model@${hub.commit}\tthe list names no commit: the default branch\n`,
    )
  }, 60_000)

  it('says that a commit is gone, and reads the default branch only when asked', async () => {
    const models = [entry('org/model', gone)]
    const lacks = `org/model has no commit ${gone}; its default branch is at ${hub.commit}`
    const refused = await fill('gone', models)
    expect(refused.status).toBe(3)
    expect(refused.stdout).toBe(
      `failed\torg/model@${gone}\t${lacks}; --default-branch reads what is there now\n`,
    )
    const { status, stdout } = await fill('gone', models, '--default-branch')
    expect(status).toBe(0)
    expect(stdout).toBe(`added\torg/model@${hub.commit}\t${lacks}, read instead\n`)
  }, 60_000)
})

describe('dokja audit --registry', () => {
  type Report = {
    components: { component: string; verdict: string; reference: string | null }[]
    comparisons: { reference: { id: string }; components: { tests: { test: string }[] }[] }[]
    registry: { models: number; hypotheses: number }
    claims?: { claim: string; reference: string; outcome: string }[]
    references: { searched: { id: string }[]; matched: string[] }
  }
  const audit = (model: string, from: string, ...against: readonly string[]) => {
    const named = against.flatMap((path) => ['--against', path])
    const run = dokja(['audit', modelPath(model), '--registry', from, '--json', ...named])
    return { status: run.status, report: JSON.parse(run.stdout) as Report }
  }
  const verdictOf = (report: Report, name: string) =>
    report.components.find(({ component }) => component === name)?.verdict

  it('searches first, then compares the weights of what it found', () => {
    const { status, report } = audit('vlm-borrowed-tuned', registry)
    expect(status).toBe(1)
    expect(verdictOf(report, 'vision_encoder')).toBe('derived')
    expect(verdictOf(report, 'language_model')).toBe('no_evidence')
    expect(report.references.matched).toEqual([expect.stringContaining('vlm-donor')])
    const tests = report.comparisons
      .filter(({ reference }) => reference.id.includes('vlm-donor'))
      .flatMap(({ components }) => components.flatMap((part) => part.tests))
      .map(({ test }) => test)
    expect(tests).toContain('sign_up')
    expect(report.registry).toMatchObject({ models: 4, tokenizers: { models: 4 } })
    expect(report.references.searched).toHaveLength(4)
  })

  it('rests on the fingerprints where the weights are elsewhere', () => {
    const remote = join(folder, 'remote')
    const bundle = join(folder, 'places-unknown.dokjareg')
    dokja(['registry', 'export', '--registry', registry, '--out', bundle])
    dokja(['registry', 'add', bundle, '--registry', remote])
    const { status, report } = audit('sft1', remote)
    expect(status).toBe(1)
    expect(verdictOf(report, 'language_model')).toBe('derived')
    const tests = report.comparisons.flatMap(({ components }) =>
      components.flatMap((part) => part.tests.map(({ test }) => test)),
    )
    expect(tests).toContain('sketch_up')
    expect(tests).not.toContain('sign_up')
  })

  it('lists a reference once that is named by hand and is in the registry, as it was named', () => {
    const [linked, elsewhere] = [join(folder, 'linked'), join(folder, 'elsewhere')]
    symlinkSync(join(ROOT, modelPath('s1')), linked)
    const bundle = join(folder, 'named.dokjareg')
    dokja(['registry', 'export', '--registry', registry, '--out', bundle])
    dokja(['registry', 'add', bundle, '--registry', elsewhere])
    // By its place behind another path, and by its content where no place is known; found or silent.
    for (const from of [registry, elsewhere]) {
      const { status, report } = audit('sft1', from, linked, modelPath('d9'))
      expect(status).toBe(1)
      const searched = report.references.searched.map(({ id }) => basename(id))
      expect(searched.sort()).toEqual(['d9', 'linked', 's2', 'vlm-donor'])
      expect(report.references.matched.map((id) => basename(id))).toEqual(['linked'])
      const ofParent = report.comparisons.filter(({ reference }) =>
        /^(s1|linked)$/.test(basename(reference.id)),
      )
      expect(ofParent).toHaveLength(1)
      const tests = ofParent[0]!.components.flatMap((part) => part.tests.map(({ test }) => test))
      expect(tests).toContain('sign_up')
      // It takes part in the search all the same: the card is held against it.
      expect(report.registry.models).toBe(4)
    }
  })

  it('keeps an entry of the same tensors and other weights than a reference named by hand', () => {
    const { report } = audit('sft1', registry, modelPath('s3'))
    const searched = report.references.searched.map(({ id }) => basename(id))
    expect(searched.sort()).toEqual(['d9', 's1', 's2', 's3', 'vlm-donor'])
  })

  it('clears an independent model with the limit of the search', () => {
    const { status, report } = audit('s3', registry)
    expect(status).toBe(0)
    expect(verdictOf(report, 'language_model')).toBe('no_evidence')
    expect(report.references.matched).toEqual([])
  })
})
