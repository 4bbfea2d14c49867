import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLANTED } from '../tests/audit/planted/cases.ts'
import { rowOf, tableOf } from '../tests/audit/planted/table.ts'

// Writes the table of what is planted and what is found into testdata/models/README.md. A test holds
// the table to what a run finds.

const README = join(import.meta.dirname, '../testdata/models/README.md')

const rows: string[] = []
for (const planted of PLANTED) rows.push(rowOf(planted, await planted.look()))
const text = readFileSync(README, 'utf8')
const [before, rest = ''] = text.split('| planted |')
const after = rest.slice(rest.indexOf('\n\n'))
writeFileSync(README, `${before}${tableOf(rows)}${after}`)
process.stdout.write(`${rows.length} rows\n`)
