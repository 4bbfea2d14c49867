import { type Curve, LOG10_ALPHA, medianLog10P, thresholdOf } from './curve.ts'

// One picture of the two curves of one size. Mid-tones on no background, so that it can be read on
// light and on dark pages.

const PANEL = { width: 330, height: 210, left: 44, top: 34, gap: 40 }
const WIDTH = 2 * PANEL.width + PANEL.gap + 2 * PANEL.left
const HEIGHT_MAX = 40
/** p below this are drawn here, outside the picture: φ_U of equal models is 0. */
const LOG10_P_MIN = -2000
const INK = '#7d8590'
const COLOURS = { dokja: '#2f81f7', phiU: '#db6d28' } as const

type Statistic = keyof typeof COLOURS
type Panel = { readonly title: string; readonly curve: Curve; readonly left: number }

export function powerChart(measured: {
  readonly of: { readonly name: string }
  readonly mixing: Curve
  readonly noise: Curve
}): string {
  const height = PANEL.top + PANEL.height + 62
  const panels: Panel[] = [
    { title: 'share of a descendant', curve: measured.mixing, left: PANEL.left },
    {
      title: 'noise on a copy, root mean squares',
      curve: measured.noise,
      left: PANEL.left + PANEL.width + PANEL.gap + PANEL.left / 2,
    },
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${INK}" role="img" aria-label="−log10 p of Dokja and of φ_U against the share of a descendant and against noise">
<text x="${PANEL.left}" y="16">−log₁₀ p, median · ${measured.of.name}</text>
${panels.map(panelOf).join('\n')}
${legend(height - 8)}
</svg>
`
}

function panelOf({ title, curve, left }: Panel): string {
  const [low, high] = [curve[0]!.level, curve.at(-1)!.level].map(Math.log) as [number, number]
  const x = (level: number) => left + ((Math.log(level) - low) / (high - low)) * PANEL.width
  const y = (log10P: number) => PANEL.top + PANEL.height * (1 + log10P / HEIGHT_MAX)
  const bottom = PANEL.top + PANEL.height
  const rules = [0, -10, -20, -30, -40].map(
    (p) =>
      `<path d="M${left} ${round(y(p))}h${PANEL.width}" stroke="${INK}" stroke-opacity=".25"/><text x="${left - 6}" y="${round(y(p) + 4)}" text-anchor="end">${-p}</text>`,
  )
  const ticks = ticksOf(curve).map(
    (level) =>
      `<path d="M${round(x(level))} ${bottom}v4" stroke="${INK}"/><text x="${round(x(level))}" y="${bottom + 17}" text-anchor="middle">${level}</text>`,
  )
  return `<g>
${rules.join('')}
<path d="M${left} ${round(y(LOG10_ALPHA))}h${PANEL.width}" stroke="${INK}" stroke-dasharray="2 3"/><text x="${left + PANEL.width / 2}" y="${round(y(LOG10_ALPHA) + 14)}" text-anchor="middle">p = 10⁻⁹</text>
${ticks.join('')}
<text x="${left + PANEL.width / 2}" y="${bottom + 34}" text-anchor="middle">${title}</text>
<svg x="0" y="${PANEL.top - 2}" width="100%" height="${PANEL.height + 4}" viewBox="0 ${PANEL.top - 2} ${WIDTH} ${PANEL.height + 4}">
${(['phiU', 'dokja'] as const).map((statistic) => lineOf(curve, statistic, { x, y })).join('\n')}
</svg>
</g>`
}

function lineOf(
  curve: Curve,
  statistic: Statistic,
  scale: { readonly x: (level: number) => number; readonly y: (log10P: number) => number },
): string {
  const points = curve.map(
    (point) =>
      `${round(scale.x(point.level))} ${round(scale.y(Math.max(LOG10_P_MIN, medianLog10P(point[statistic]))))}`,
  )
  const at = thresholdOf(curve, statistic)
  const colour = COLOURS[statistic]
  return `<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/><circle cx="${round(scale.x(at))}" cy="${round(scale.y(LOG10_ALPHA))}" r="4" fill="${colour}"/>`
}

/** Powers of ten, twice and five times them, as far as they lie on the axis. */
function ticksOf(curve: Curve): number[] {
  const [low, high] = [curve[0]!.level, curve.at(-1)!.level]
  return [-3, -2, -1, 0, 1, 2]
    .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
    .filter((level) => level >= low && level <= high)
}

const legend = (y: number): string =>
  (
    [
      ['dokja', 'Dokja, after correction'],
      ['phiU', 'φ_U, uncorrected'],
    ] as const
  )
    .map(
      ([statistic, name], at) =>
        `<path d="M${PANEL.left + at * 210} ${y - 4}h22" stroke="${COLOURS[statistic]}" stroke-width="2"/><text x="${PANEL.left + at * 210 + 28}" y="${y}">${name}</text>`,
    )
    .join('')

const round = (value: number): number => Math.round(value * 10) / 10
