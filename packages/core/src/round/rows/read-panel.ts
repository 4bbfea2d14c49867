import type { Fault } from '../../base/faults.ts'
import { isPrintable, quoted } from '../../base/quoted.ts'
import { PANEL_COLUMNS } from './columns.ts'
import { readFileRows } from './read-file.ts'
import type { InputFile, Panellist, Roster } from './table.ts'

/** Reads who sat on a panel. `conflicts` lists team ids, separated by spaces. */
export function readPanel(
  panel: string,
  options: {
    readonly files: readonly InputFile[]
    readonly teams: ReadonlySet<string>
    readonly faults: Fault[]
  },
): Roster {
  const { files, teams, faults } = options
  const panellists = new Map<string, Panellist>()
  for (const file of files) {
    readFileRows(file, {
      columns: PANEL_COLUMNS,
      faults,
      onRow: ([id = '', group = '', attended = '', conflicts = ''], line) => {
        const say = (message: string, at: string) =>
          faults.push({ file: file.path, line, at, message })
        if (panellists.has(id)) say(`the panellist ${quoted(id)} is there twice`, 'panellist')
        if (id.length > 200 || !isPrintable(id)) say(`${quoted(id)} is no name`, 'panellist')
        if (!['', 'yes', 'no'].includes(attended)) say('"yes" or "no" expected', 'attended')
        const named = conflicts.split(' ').filter((team) => team !== '')
        for (const team of named) {
          if (!teams.has(team)) say(`unknown team ${quoted(team)}`, 'conflicts')
        }
        panellists.set(id, {
          id,
          group: group === '' ? undefined : group,
          attended: attended !== 'no',
          conflicts: named.sort(),
        })
      },
    })
  }
  const sorted = [...panellists.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { panel, panellists: sorted }
}
