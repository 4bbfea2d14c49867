import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { filesOf, servedModels, verdictOf } from './testing/open-served.ts'

const served = servedModels()
afterEach(served.close)
afterAll(served.end)

describe('a hub that lies', () => {
  it('cannot put its bytes in the place of another hub, whatever it states of them', async () => {
    const genuine = filesOf('s1')
    const other = filesOf('s2')
    const posing = new Map(
      [...genuine].map(([name, file]) => {
        const lie = other.get(name)
        return [name, lie?.sizeBytes === file.sizeBytes ? { ...lie, ...stated(file) } : file]
      }),
    )
    const vendor = await served.hub(posing)
    const honest = await served.hub(genuine)
    expect(vendor.commit).toBe(honest.commit)
    const cacheFolder = served.cache()
    const suspect = await served.local('sft1')
    const name = `org/model@${honest.commit}`
    const deceived = await served.open(name, { endpoint: vendor.endpoint, cacheFolder })
    expect((await verdictOf(suspect, deceived)).verdict).toBe('no_evidence')
    const reference = await served.open(name, { endpoint: honest.endpoint, cacheFolder })
    expect((await verdictOf(suspect, reference)).verdict).toBe('derived')
  })

  it('cannot put its bytes in the place of another of its repositories', async () => {
    const genuine = filesOf('s1')
    const posing = new Map(
      [...filesOf('s2')].map(([name, file]) => [name, { ...file, ...stated(genuine.get(name)) }]),
    )
    const cacheFolder = served.cache()
    const verdicts: string[] = []
    let port = 0
    for (const [files, repository] of [
      [posing, 'vendor/model'],
      [genuine, 'maker/model'],
    ] as const) {
      const hub = await served.hub(files, repository, port)
      port = Number(new URL(hub.endpoint).port)
      const source = await served.open(repository, { endpoint: hub.endpoint, cacheFolder })
      const { verdict } = await verdictOf(await served.local('sft1'), source)
      verdicts.push(verdict)
      await served.close()
    }
    expect(verdicts).toEqual(['no_evidence', 'derived'])
  })
})

const stated = (file: { identity: string } | undefined) =>
  file === undefined ? {} : { identity: file.identity }
