import type { AuditStep, CompareProgress, MeasureStep, ReplayProgress, Tier } from '@dokja/core'

type StepWords = { readonly tier: Tier; readonly words: string }

const STEPS: Readonly<Record<MeasureStep, StepWords>> = {
  content: { tier: 'exact', words: 'equal values' },
  signs: { tier: 'exact', words: 'signs of units' },
  embeddings: { tier: 'exact', words: 'signs of residual axes' },
  positions: { tier: 'exact', words: 'positions of units' },
  layers: { tier: 'exact', words: 'layers at other places' },
  experts: { tier: 'exact', words: 'origin of experts' },
  axes: { tier: 'exact', words: 'aligning residual axes' },
  folding: { tier: 'exact', words: 'reading whole layers' },
  alignment: { tier: 'exact', words: 'signs after alignment' },
  robust: { tier: 'empirical', words: 'agreement under rearrangement' },
  replay: { tier: 'descriptive', words: 'replaying the transform' },
  moved: { tier: 'descriptive', words: 'layers that were moved' },
  difference: { tier: 'descriptive', words: 'rank of the change' },
}

const TIERS: Readonly<Record<Tier, string>> = {
  exact: 'exact test',
  empirical: 'empirical',
  descriptive: 'for information',
}

/** 'language model 1/4 · exact test, signs of units 12/40 · 3.2 MB read'. */
export function comparisonProgress(progress: CompareProgress): string {
  const { component, at, components, step, done, of, bytesRead } = progress
  const { tier, words } = STEPS[step]
  const share = of > 0 ? ` ${done}/${of}` : ''
  return [
    `${component.replaceAll('_', ' ')} ${at + 1}/${components}`,
    `${TIERS[tier]}, ${words}${share}`,
    `${size(bytesRead)} read`,
  ].join(' · ')
}

export function auditProgress({ phase, reference, references, comparison }: AuditStep): string {
  const detail = comparison ? ` · ${comparisonProgress(comparison)}` : ''
  if (phase === 'mixtures') return `mixtures of references${detail}`
  if (phase === 'relatives') return `how close references are to each other${detail}`
  return `reference ${reference + 1}/${references}${detail}`
}

/** 'replay 3/28 · down of layer 2 · 3.2 MB read'. */
export function replayProgress({ kind, layer, done, of, bytesRead }: ReplayProgress): string {
  const place = layer === null ? kind : `${kind} of layer ${layer}`
  return [`replay ${done + 1}/${of}`, place, `${size(bytesRead)} read`].join(' · ')
}

/** The rate is that of the last seconds: what a resumed run passes over would make it a fable. */
const WINDOW_MS = 10_000
const SAMPLE_MS = 250
/** Below this a rate is a matter of luck. */
const SETTLED_MS = 1000

/** Texts for a full read: 'every byte · 3.2 of 14 GB (23%) · 850 MB/s · about 13 s left'. */
export function byteProgress(
  now: () => number = Date.now,
): (done: number, total: number) => string {
  let seen: { readonly at: number; readonly done: number }[] = []
  return (done, total) => {
    const at = now()
    // A new read, of the next pair of models.
    if (done < (seen.at(-1)?.done ?? 0)) seen = []
    const last = seen.at(-1)
    if (!last || at - last.at >= SAMPLE_MS) {
      const recent = seen.filter((one) => at - one.at <= WINDOW_MS)
      // A slow server may send nothing for longer than that.
      seen = [...(recent.length > 0 ? recent : seen.slice(-1)), { at, done }]
    }
    const percent = total > 0 ? Math.floor((100 * done) / total) : 100
    const parts = ['every byte', `${size(done)} of ${size(total)} (${percent}%)`]
    const first = seen[0] ?? { at, done }
    const rate = (1000 * (done - first.done)) / Math.max(1, at - first.at)
    if (at - first.at >= SETTLED_MS && rate > 0) {
      parts.push(`${size(rate)}/s`, `about ${duration((total - done) / rate)} left`)
    }
    return parts.join(' · ')
  }
}

function size(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB']
  const value = bytes / unit
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${name}`
}

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
