import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../packages/core/node/index.ts'
import { cohortPair } from '../packages/core/src/audit/technical/robust/cohort-pair.ts'
import { subModel } from '../tests/audit/models.ts'

// Known independents for the empirical tier: agreeing units of 150 disjoint pairs of simulated
// models (files 0 to 4 of the calibration set; files 5 and 6 are kept aside).

const FOLDER = join(import.meta.dirname, '../testdata/models/calibration')
const TARGET = join(
  import.meta.dirname,
  '../packages/core/src/audit/technical/robust/simulated-bodies.ts',
)

const config = JSON.parse(readFileSync(join(FOLDER, 'swiglu-config.json'), 'utf8'))
const counts: number[] = []
for (let file = 0; file < 5; file++) {
  const source = await openCheckpoint(join(FOLDER, `swiglu-0${file}.safetensors`))
  const prefixes = [...new Set(source.checkpoint.tensors.map((t) => `${t.name.split('.')[0]}.`))]
  for (let pair = 0; pair + 1 < prefixes.length; pair += 2) {
    const [a = '', b = ''] = prefixes.slice(pair, pair + 2)
    const models = [subModel(source, a, config), subModel(source, b, config)] as const
    const rows = await cohortPair(...models, { component: 'language_model' })
    if (!rows) throw new Error(`${a} and ${b} cannot be compared`)
    counts.push(...rows.flatMap((row) => row.counts))
  }
  await source.close()
}
const head = readFileSync(TARGET, 'utf8').split('  counts: [')[0]
writeFileSync(TARGET, `${head}  counts: [\n    ${counts.join(', ')},\n  ],\n}\n`)
process.stdout.write(`${counts.length / 4} pairs\n`)
