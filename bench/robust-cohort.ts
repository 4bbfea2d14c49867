import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../packages/core/node/index.ts'
import { compareModels } from '../packages/core/src/audit/compare-models.ts'
import { subModel } from '../tests/audit/models.ts'

// Scores of known independents for the empirical tier: agreements for each layer of 150 disjoint
// pairs of simulated models (files 0 to 4 of the calibration set; files 5 and 6 are kept aside).

const FOLDER = join(import.meta.dirname, '../testdata/models/calibration')
const TARGET = join(
  import.meta.dirname,
  '../packages/core/src/audit/technical/robust/simulated-cohort.ts',
)
const LAYERS = 2

const config = JSON.parse(readFileSync(join(FOLDER, 'swiglu-config.json'), 'utf8'))
const scores: number[] = []
for (let file = 0; file < 5; file++) {
  const source = await openCheckpoint(join(FOLDER, `swiglu-0${file}.safetensors`))
  const prefixes = [...new Set(source.checkpoint.tensors.map((t) => `${t.name.split('.')[0]}.`))]
  for (let pair = 0; pair + 1 < prefixes.length; pair += 2) {
    const [a = '', b = ''] = prefixes.slice(pair, pair + 2)
    const comparison = await compareModels(subModel(source, a, config), subModel(source, b, config))
    const agreements = comparison.components
      .flatMap((component) => component.tests)
      .filter((test) => test.test === 'robust_agreement')
    for (const { statistic } of agreements) scores.push((statistic ?? 0) / LAYERS)
  }
  await source.close()
}
scores.sort((x, y) => x - y)
const head = readFileSync(TARGET, 'utf8').split('  scores: [')[0]
writeFileSync(TARGET, `${head}  scores: [\n    ${scores.join(', ')},\n  ],\n}\n`)
process.stdout.write(`${scores.length} scores, largest ${scores.at(-1)}\n`)
