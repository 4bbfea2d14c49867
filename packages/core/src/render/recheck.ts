import type { Comparison } from '../audit/result.ts'
import { visibleWithin } from './visible.ts'

/**
 * The command that repeats a comparison. Names come from outside and the command will be pasted
 * into a shell, so anything but plain name characters is put into single quotes.
 */
export function recheckCommand(comparison: Comparison): string {
  const [candidate, reference] = [comparison.candidate.id, comparison.reference.id].map(shellWord)
  const full = comparison.fullRead ? ' --full' : ''
  return `npx dokja compare ${candidate} ${reference}${full} --json`
}

/** A comparison of fingerprints alone read no weights of the reference. */
export const restsOnFingerprints = ({ bytesRead }: Comparison): boolean =>
  bytesRead.candidate === 0 && bytesRead.reference === 0

/** The commands that replay what was recovered, where it was written beside the report. */
function replayCommands(
  { candidate, reference, components }: Comparison,
  folder: string | undefined,
): readonly string[] {
  const place = folder === undefined ? '' : `${folder.replace(/\/+$/, '')}/`
  return components.flatMap(({ transform }) =>
    transform?.file
      ? [
          `npx dokja replay ${[candidate.id, reference.id, place + transform.file.name].map(shellWord).join(' ')} --json`,
        ]
      : [],
  )
}

/** One command per comparison of weights with those that replay it, and one for all that rest on a registry. */
export function recheckCommands(
  comparisons: readonly Comparison[],
  options: {
    /** Where the reader finds what was written beside the report; left out on a page that lies there. */
    readonly folder?: string | undefined
  } = {},
): readonly string[] {
  const searched = comparisons.find(restsOnFingerprints)
  const commands = comparisons
    .filter((one) => !restsOnFingerprints(one))
    .flatMap((one) => [recheckCommand(one), ...replayCommands(one, options.folder)])
  if (!searched) return commands
  const candidate = shellWord(searched.candidate.id)
  return [...commands, `npx dokja registry search ${candidate} --registry DIR --json`]
}

function shellWord(name: string): string {
  const text = visibleWithin(name, 400)
  // A leading dash would be read as an option.
  const guarded = text.startsWith('-') ? `./${text}` : text
  if (/^[\w@%+=:,./-]+$/.test(guarded)) return guarded
  return `'${guarded.replaceAll("'", "'\\''")}'`
}
