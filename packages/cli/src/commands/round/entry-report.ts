import { type Docket, decisionInForce, gateInForce, type RecordEntry } from '@dokja/core'
import { printJson } from '../../output/terminal.ts'

/** What the office needs to know right after an entry: its number, and what follows from it. */
export function reportEntry(
  entry: RecordEntry,
  context: { readonly docket: Docket | undefined; readonly json: boolean },
): void {
  const follows = context.docket ? consequences(entry, context.docket) : {}
  if (context.json) {
    printJson({
      schemaVersion: 'dokja.round-entry/1',
      sequence: entry.sequence,
      kind: entry.kind,
      time: entry.time,
      author: entry.author,
      digest: entry.digest,
      ...follows,
    })
    return
  }
  process.stdout.write(
    `recorded entry ${entry.sequence} ${entry.kind}\n  at ${entry.time} by ${entry.author}\n  ${entry.digest}\n`,
  )
  for (const [name, value] of Object.entries(follows)) {
    process.stdout.write(`  ${name}: ${Array.isArray(value) ? value.join(', ') : value}\n`)
  }
}

type Consequences = { readonly [name: string]: string | number | null | readonly string[] }

function consequences(entry: RecordEntry, docket: Docket): Consequences {
  const body = entry.body as { readonly team?: string; readonly until?: string | null }
  switch (entry.kind) {
    case 'gate.asked':
      return { team: body.team ?? '', replyUntil: body.until ?? null }
    case 'gate.decided': {
      const decision = gateInForce(docket, body.team ?? '')
      const axes = Object.entries(decision?.body.axes ?? {})
      return { team: body.team ?? '', axes: axes.map(([axis, one]) => `${axis} ${one?.outcome}`) }
    }
    case 'decision.made': {
      const decision = decisionInForce(docket)?.body
      return {
        advances: decision?.advances.map((one) => one.team) ?? [],
        leaves: decision?.leaves.map((one) => `${one.team} (${one.ground})`) ?? [],
        openPlaces: decision?.openPlaces ?? null,
        objectionsUntil: decision?.objectionsUntil ?? null,
      }
    }
    case 'objection.filed':
      return { timeliness: docket.objections.at(-1)?.timeliness ?? '' }
    case 'stage.carried':
      return { teams: docket.carried.at(-1)?.body.teams.map((one) => one.team) ?? [] }
    default:
      return {}
  }
}
