// Writes docs/formats/plan.schema.json from the schema in code; --check only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planJsonSchema } from '../packages/core/src/round/plan/json-schema.ts'

const path = join(import.meta.dirname, '../docs/formats/plan.schema.json')
const made = planJsonSchema()

if (!process.argv.includes('--check')) writeFileSync(path, made)
else if (readFileSync(path, 'utf8') !== made) {
  process.stderr.write(
    'docs/formats/plan.schema.json is out of date: run node scripts/plan-schema.ts\n',
  )
  process.exitCode = 1
}
