import type { Command } from 'commander'
import { registerAdd } from './registry/add.ts'
import { registerAtlas } from './registry/atlas.ts'
import { registerExport } from './registry/export.ts'
import { registerFill } from './registry/fill.ts'
import { registerKin } from './registry/kin.ts'
import { registerList } from './registry/list.ts'
import { registerSearch } from './registry/search.ts'
import { registerVerify } from './registry/verify.ts'

/** `dokja registry …`: fingerprints of models in a folder or a database. */
export function registerRegistry(program: Command): void {
  const registry = program
    .command('registry')
    .description(
      'fingerprints of models: add, list, search, export, verify, fill, draw, compare configurations',
    )
    .addHelpText(
      'after',
      '\nExample:\n  dokja registry add ./base-1 ./base-2 --registry ./known\n  dokja registry search ./submission --registry ./known\n',
    )
  registerAdd(registry)
  registerList(registry)
  registerSearch(registry)
  registerExport(registry)
  registerFill(registry)
  registerAtlas(registry)
  registerKin(registry)
  registerVerify(registry)
}
