import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../packages/core/node/index.ts'
import { cohortPair } from '../packages/core/src/audit/technical/robust/cohort-pair.ts'
import type { ComponentName } from '../packages/core/src/model/role.ts'
import { subModel } from '../tests/audit/models.ts'

// Known independents for the empirical tier: agreeing units of 150 disjoint pairs of simulated models.
// Bodies: files 0 to 4 of the calibration set; files 5 and 6 are kept aside. Towers are too many to
// keep: `node bench/robust-cohort.ts FOLDER` reads what `testdata/models/null_models.py tower FOLDER`
// wrote, and takes the first 300.

const CALIBRATION = join(import.meta.dirname, '../testdata/models/calibration')
const ROBUST = join(import.meta.dirname, '../packages/core/src/audit/technical/robust')
const MODELS = 300

/** Neighbours, every model once: counts of the 2 × 2 pairs of layers, row by row. */
async function countsOf(
  files: readonly string[],
  config: string,
  component: ComponentName,
): Promise<number[]> {
  const counts: number[] = []
  for (const file of files) {
    const source = await openCheckpoint(file)
    const names = source.checkpoint.tensors.map(({ name }) => `${name.split('.')[0]}.`)
    const prefixes = [...new Set(names)].slice(0, MODELS)
    for (let pair = 0; pair + 1 < prefixes.length; pair += 2) {
      const [a, b] = prefixes.slice(pair, pair + 2).map((prefix) => {
        return subModel(source, prefix, JSON.parse(readFileSync(config, 'utf8')))
      })
      const rows = a && b && (await cohortPair(a, b, { component }))
      if (!rows) throw new Error(`pair ${pair} of ${file} cannot be compared`)
      counts.push(...rows.flatMap((row) => row.counts))
    }
    await source.close()
  }
  return counts
}

function write(name: string, counts: readonly number[]): void {
  const target = join(ROBUST, name)
  const head = readFileSync(target, 'utf8').split('  counts: [')[0]
  writeFileSync(target, `${head}  counts: [\n    ${counts.join(', ')},\n  ],\n}\n`)
  process.stdout.write(`${name}: ${counts.length / 4} pairs\n`)
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  const files = [0, 1, 2, 3, 4].map((file) => join(CALIBRATION, `swiglu-0${file}.safetensors`))
  const config = join(CALIBRATION, 'swiglu-config.json')
  write('simulated-bodies.ts', await countsOf(files, config, 'language_model'))
} else {
  const config = join(folder, 'config.json')
  const files = [join(folder, 'models.safetensors')]
  write('simulated-towers.ts', await countsOf(files, config, 'vision_encoder'))
}
