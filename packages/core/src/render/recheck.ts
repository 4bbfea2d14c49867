import type { Comparison } from '../audit/result.ts'
import { visibleWithin } from './visible.ts'

/**
 * The command that repeats a comparison. Names come from outside and the command will be pasted
 * into a shell, so anything but plain name characters is put into single quotes.
 */
export function recheckCommand(comparison: Comparison): string {
  const [candidate, reference] = [comparison.candidate.id, comparison.reference.id].map(shellWord)
  return `npx dokja compare ${candidate} ${reference} --json`
}

function shellWord(name: string): string {
  const text = visibleWithin(name, 400)
  // A leading dash would be read as an option.
  const guarded = text.startsWith('-') ? `./${text}` : text
  if (/^[\w@%+=:,./-]+$/.test(guarded)) return guarded
  return `'${guarded.replaceAll("'", "'\\''")}'`
}
