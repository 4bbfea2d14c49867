import type { LayerCell, TestName } from '../../audit/result.ts'
import type { ComponentFinding } from '../headline.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { pageWords } from '../messages/page-words.ts'
import { formatCorrelation } from '../messages/quantity.ts'
import { TEST_WORDS } from '../messages/tests.ts'
import { type Html, html } from './markup.ts'
import { scrollBox } from './parts.ts'

/** Lower bounds of the colour steps; below the first is step 0. Chosen finer near nothing. */
const STEP_BOUNDS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95] as const

const CELL = { height: 28, gap: 2, narrowest: 9, widest: 44 } as const
const ROW_HEIGHT = CELL.height + CELL.gap
const AXIS_HEIGHT = 20
/** Pixels that the drawing takes before it begins to scroll sideways. */
const DRAWING_WIDTH = 800

type PictureRow =
  | { readonly kind: 'component'; readonly component: string }
  | {
      readonly kind: 'test'
      readonly component: string
      readonly test: TestName
      readonly cells: ReadonlyMap<number, LayerCell>
    }

/** The layer picture with its legend, and the same numbers as tables; null without cells. */
export function layerPicture(
  components: readonly ComponentFinding[],
  context: { readonly language: Language; readonly prefix: string },
): Html | null {
  const { language, prefix } = context
  const drawn = components.filter((part) => part.cells.length > 0)
  if (drawn.length === 0) return null
  const rows = rowsOf(drawn)
  const layers = 1 + Math.max(...drawn.flatMap((part) => part.cells.map((cell) => cell.layer)))
  return html`<div class="picture">
<div class="picture-labels" aria-hidden="true"><div class="axis">${pageWords('layer', language)}</div>${rows.map(
    (row) => rowLabel(row, language),
  )}</div>
${scrollBox({ label: pageWords('picture_scroll', language), language, kind: ' drawn' }, drawing(rows, { layers, language, prefix }))}
</div>
${legend(language)}
<details class="numbers"><summary>${pageWords('same_numbers', language)}</summary>
${drawn.map((part) => numbersTable(part, language))}
</details>`
}

function rowsOf(components: readonly ComponentFinding[]): readonly PictureRow[] {
  return components.flatMap((part) => [
    { kind: 'component', component: part.component } as const,
    ...testsOf(part).map((test) => ({
      kind: 'test' as const,
      component: part.component,
      test,
      cells: cellsByLayer(part, test),
    })),
  ])
}

const testsOf = (part: ComponentFinding): readonly TestName[] => [
  ...new Set(part.cells.map((cell) => cell.test)),
]

const cellsByLayer = (part: ComponentFinding, test: TestName): ReadonlyMap<number, LayerCell> =>
  new Map(part.cells.filter((cell) => cell.test === test).map((cell) => [cell.layer, cell]))

function rowLabel(row: PictureRow, language: Language): Html {
  if (row.kind === 'component') {
    const text = componentName(row.component, language)
    return html`<div class="row component-row"><bdi>${text}</bdi></div>`
  }
  return html`<div class="row">${TEST_WORDS[row.test].name[language]}</div>`
}

function drawing(
  rows: readonly PictureRow[],
  context: { layers: number; language: Language; prefix: string },
): Html {
  const { layers, language, prefix } = context
  const step = columnStep(layers)
  const width = layers * step
  const height = AXIS_HEIGHT + rows.length * ROW_HEIGHT
  const title = pageWords('picture_title', language, {
    rows: rows.filter((row) => row.kind === 'test').length,
    layers,
  })
  return html`<svg class="layers" role="img" aria-labelledby="${prefix}-picture-drawing" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">
<title id="${prefix}-picture-drawing">${title}</title>
${axis(layers, step)}
${rows.map((row, at) => drawRow(row, { layers, step, language, top: AXIS_HEIGHT + at * ROW_HEIGHT }))}
</svg>`
}

/** From one column's left edge to the next: wide where there are few layers. */
function columnStep(layers: number): number {
  const even = Math.floor(DRAWING_WIDTH / layers)
  return Math.max(CELL.narrowest, Math.min(CELL.widest, even - CELL.gap)) + CELL.gap
}

/** Layer numbers, counted from 0 as the files do; every fourth where there are many. */
function axis(layers: number, step: number): Html {
  const every = layers > 16 ? 4 : 1
  const ticks = Array.from({ length: Math.ceil(layers / every) }, (_, at) => at * every)
  return html`<g class="ticks">${ticks.map(
    (layer) => html`<text x="${(layer + 0.5) * step - CELL.gap / 2}" y="13">${layer}</text>`,
  )}</g>`
}

function drawRow(
  row: PictureRow,
  context: { layers: number; step: number; language: Language; top: number },
): Html | null {
  if (row.kind === 'component') return null
  const { layers, step, language, top } = context
  return html`<g>${Array.from({ length: layers }, (_, layer) => {
    const cell = row.cells.get(layer)
    const place = html`x="${layer * step}" y="${top}" width="${step - CELL.gap}" height="${CELL.height}"`
    if (!cell) return html`<rect class="empty" ${place}/>`
    const text = cellText(cell, row.component, language)
    return html`<rect class="step-${stepOf(cell.value)}" ${place}><title>${text}</title></rect>`
  })}</g>
`
}

function cellText(cell: LayerCell, component: string, language: Language): string {
  const words = TEST_WORDS[cell.test]
  const text = pageWords('cell', language, {
    component,
    layer: cell.layer,
    test: cell.test,
    measure: words.cell[language],
    value: cell.value,
  })
  if (cell.log10P === null) return text
  return `${text} ${pageWords('cell_chance', language, { log10P: cell.log10P })}`
}

function stepOf(value: number): number {
  return STEP_BOUNDS.filter((bound) => value >= bound).length
}

function legend(language: Language): Html {
  const bounds = [0, ...STEP_BOUNDS]
  const steps = bounds.map((from, at) => {
    const to = bounds[at + 1]
    return html`<li><span class="swatch step-${at}"></span>${from}–${to ?? 1}</li>`
  })
  return html`<div class="legend"><span class="legend-title">${pageWords('scale', language)}</span><ul>${steps}<li><span class="swatch empty"></span>${pageWords('no_cell', language)}</li></ul></div>`
}

function numbersTable(part: ComponentFinding, language: Language): Html {
  const tests = testsOf(part)
  const columns = tests.map((test) => cellsByLayer(part, test))
  const layers = [...new Set(part.cells.map((cell) => cell.layer))].sort((a, b) => a - b)
  const caption = pageWords('cells_caption', language, { component: part.component })
  return scrollBox(
    { label: caption, language },
    html`<table class="dense"><caption>${caption}</caption>
<thead><tr><th scope="col">${pageWords('layer', language)}</th>${tests.map(
      (test) =>
        html`<th scope="col">${TEST_WORDS[test].name[language]}<small>${TEST_WORDS[test].cell[language]}</small></th>`,
    )}</tr></thead>
<tbody>${layers.map(
      (layer) => html`<tr><th scope="row">${layer}</th>${columns.map((cells) => {
        const cell = cells.get(layer)
        return html`<td>${cell ? formatCorrelation(cell.value) : pageWords('no_cell', language)}</td>`
      })}</tr>
`,
    )}</tbody></table>`,
  )
}
