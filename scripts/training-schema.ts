// Writes docs/formats/training-record.schema.json from the schema in code; --check only compares.
// The file is laid out by the formatter: run it afterwards.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trainingRecordJsonSchema } from '../packages/core/src/audit/technical/training/json-schema.ts'

const path = join(import.meta.dirname, '../docs/formats/training-record.schema.json')
const made = JSON.stringify(trainingRecordJsonSchema(), null, 2)

if (!process.argv.includes('--check')) writeFileSync(path, `${made}\n`)
else if (JSON.stringify(JSON.parse(readFileSync(path, 'utf8')), null, 2) !== made) {
  process.stderr.write(
    'docs/formats/training-record.schema.json is out of date: run node scripts/training-schema.ts\n',
  )
  process.exitCode = 1
}
