import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bodyAgainst, mixture, phiUAgainst, withNoise } from '../tests/audit/diluted.ts'
import type { Loaded } from '../tests/audit/transforms.ts'
import { type PowerCase, powerCases } from './power/cases.ts'
import { powerChart } from './power/chart.ts'
import { type Curve, LOG10_ALPHA, medianLog10P, type Point, thresholdOf } from './power/curve.ts'

// Power against φ_U (Zhu et al. 2025): the smallest share of a descendant in an independent model and
// the largest noise on a copy at which each finds the descent at p ≤ 1e-9, on the same pairs in the
// same run. Dokja's p is the one the report prints for the body, after every correction; φ_U's is
// uncorrected. Takes most of an hour, nearly all of it for φ_U on the largest models.
//   npm run bench -- power [--runs 5]        (draws per point; at most 3 for the largest models)

const CHART = join(import.meta.dirname, '..', 'docs', 'images', 'power.svg')

export async function benchPower(runs: number): Promise<void> {
  const measured: { readonly of: PowerCase; readonly mixing: Curve; readonly noise: Curve }[] = []
  for (const entry of await powerCases()) {
    const draws = Math.min(runs, entry.drawsMax)
    const mixing: Point[] = entry.mixing.map((level) => ({ level, phiU: [], dokja: [] }))
    const noise: Point[] = entry.noise.map((level) => ({ level, phiU: [], dokja: [] }))
    for (let draw = 0; draw < draws; draw++) {
      const { descendant, stranger } = await entry.pair(draw)
      for (const point of mixing) {
        await measure(point, mixture(stranger, descendant, point.level), descendant)
      }
      for (const point of noise) {
        await measure(point, withNoise(descendant, point.level, `noise ${draw}`), descendant)
      }
    }
    measured.push({ of: entry, mixing, noise })
    print(entry, { mixing, noise, draws })
  }
  const shown = measured.find(({ of }) => of.isCharted)
  if (shown) writeFileSync(CHART, powerChart(shown))
}

async function measure(point: Point, candidate: Loaded, reference: Loaded): Promise<void> {
  point.phiU.push(phiUAgainst(candidate, reference))
  point.dokja.push((await bodyAgainst(candidate, reference)).log10P ?? 0)
}

function print(
  entry: PowerCase,
  result: { readonly mixing: Curve; readonly noise: Curve; readonly draws: number },
): void {
  console.log(`\n${entry.name}; ${result.draws} draws per point; log10 p, median`)
  for (const [name, curve] of [
    ['mixing fraction', result.mixing],
    ['noise', result.noise],
  ] as const) {
    console.table(curve.map((point) => rowOf(name, point)))
    const phiU = thresholdOf(curve, 'phiU')
    const dokja = thresholdOf(curve, 'dokja')
    const ratio = name === 'noise' ? dokja / phiU : phiU / dokja
    console.log(
      `found in half of the draws: φ_U at ${phiU.toPrecision(3)}, Dokja at ${dokja.toPrecision(3)}` +
        ` · Dokja is ${ratio.toFixed(1)} times as sensitive`,
    )
  }
}

const rowOf = (name: string, { level, phiU, dokja }: Point) => ({
  [name]: level,
  φ_U: Number(medianLog10P(phiU).toFixed(1)),
  Dokja: Number(medianLog10P(dokja).toFixed(1)),
  'found by φ_U': `${phiU.filter((p) => p <= LOG10_ALPHA).length}/${phiU.length}`,
  'found by Dokja': `${dokja.filter((p) => p <= LOG10_ALPHA).length}/${dokja.length}`,
})
