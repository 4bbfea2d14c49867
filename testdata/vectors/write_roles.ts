/**
 * Writes roles.json beside each model folder named on the command line; used by make_architectures.py.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCheckpoint } from '../../packages/core/node/checkpoint/open-checkpoint.ts'
import { mapRoles } from '../../packages/core/src/model/roles/map-roles.ts'

for (const folder of process.argv.slice(2)) {
  const source = await openCheckpoint(folder)
  await source.close()
  writeFileSync(join(folder, 'roles.json'), JSON.stringify(mapRoles(source.checkpoint)))
}
