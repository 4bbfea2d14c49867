/**
 * One style for screen (light and dark), phone and print. Colours keep 4.5:1 against their
 * background in both schemes. The scale of the picture is one hue from pale to deep (and from
 * deep to bright on dark), so that order survives colour blindness and grey print.
 */
const COLOURS = `
:root {
  --paper: #ffffff; --ink: #16191d; --soft: #4a525c; --line: #c8ced6; --faint: #f4f6f8;
  --accent: #17406d; --focus: #0b62d6;
  --strong: #8f1d1d; --strong-paper: #fdf1f0; --strong-line: #dba9a5;
  --caution: #6f4700; --caution-paper: #fdf6e7; --caution-line: #dcc08a;
  --none: #24485e; --none-paper: #eff5f8; --none-line: #aac3d1;
  --open: #4a525c; --open-paper: #ffffff; --open-line: #8b949e;
  --step-0: #eef2f7; --step-1: #d5e2ef; --step-2: #b3cde3; --step-3: #85b0d3;
  --step-4: #5590c0; --step-5: #2f6fa8; --step-6: #155087; --step-7: #08305a;
  --cell-line: #b4bec9; --edge: rgb(22 25 29 / .34);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e8ebee; --soft: #aab4bf; --line: #3a424c; --faint: #1c2127;
    --accent: #9cc3ee; --focus: #7db4ff;
    --strong: #ffb4ac; --strong-paper: #2d1918; --strong-line: #7d403b;
    --caution: #f0c674; --caution-paper: #2a2214; --caution-line: #6f5a2a;
    --none: #a9cde2; --none-paper: #17242c; --none-line: #3b5a6b;
    --open: #b7c0ca; --open-paper: #14171b; --open-line: #7b8590;
    --step-0: #1d242c; --step-1: #1c3348; --step-2: #1d4768; --step-3: #245f8a;
    --step-4: #357eaf; --step-5: #579fcd; --step-6: #8ec4e6; --step-7: #d2ecfb;
    --cell-line: #4a5561; --edge: rgb(232 235 238 / .38);
  }
}
`

const BASE = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.65 Pretendard, "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR",
    "Malgun Gothic", system-ui, sans-serif;
  font-variant-numeric: tabular-nums;
}
:lang(en) { font-family: -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK KR", system-ui, sans-serif; }
:lang(ko) { word-break: keep-all; }
body, td, dd, li { overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.3; margin: 0; text-wrap: balance; }
h1 { font-size: 1.9rem; font-weight: 700; letter-spacing: -0.01em; }
h2 { font-size: 1.3rem; font-weight: 700; padding-bottom: .4rem; border-bottom: 2px solid var(--ink); margin-bottom: 1rem; }
h3 { font-size: 1rem; font-weight: 700; margin: 1.4rem 0 .35rem; }
p { margin: 0 0 .8rem; max-width: 46em; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: from-font; }
small { display: block; font-size: .82rem; font-weight: 400; color: var(--soft); line-height: 1.5; }
:is(code, pre, .name) { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK KR", monospace; font-size: .9em; }
sup { font-size: .72em; line-height: 0; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
.unseen, .caret { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quantity { white-space: nowrap; }
.bar, main { max-width: 64rem; margin: 0 auto; padding: 0 1.5rem; }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding-top: 1rem; padding-bottom: 1rem; }
.brand { font-weight: 700; color: var(--soft); letter-spacing: .02em; }
.skip { position: absolute; left: .5rem; top: -4rem; padding: .6rem 1rem; background: var(--ink); color: var(--paper); z-index: 2; }
.skip:focus { top: .5rem; }
.language { border: 0; margin: 0; padding: 0; display: flex; }
.language input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.language label { padding: .35rem .9rem; border: 1px solid var(--open-line); cursor: pointer; font-size: .92rem; min-height: 2.25rem; display: inline-flex; align-items: center; }
.language label:first-of-type { border-radius: 4px 0 0 4px; }
.language label:last-of-type { border-radius: 0 4px 4px 0; border-left: 0; }
.language input:checked + label { background: var(--ink); color: var(--paper); font-weight: 700; text-decoration: underline; text-underline-offset: .25em; }
.language input:focus-visible + label { outline: 3px solid var(--focus); outline-offset: 2px; }
:root:has(#show-ko:checked) :is(.report, .bilingual)[lang="en"],
:root:has(#show-en:checked) :is(.report, .bilingual)[lang="ko"] { display: none; }
.report + .report { border-top: 4px double var(--ink); margin-top: 4rem; padding-top: 2rem; }
:root:has(#show-en:checked) .report + .report { border-top: 0; margin-top: 0; padding-top: 0; }
section { margin: 3rem 0 0; }
.lead { color: var(--soft); }
.plain, .notes { margin: 0 0 .8rem; padding-left: 1.15rem; max-width: 48em; }
.plain li, .notes li { margin: .25rem 0; }
.notes { font-size: .86rem; color: var(--soft); margin-top: .9rem; }
.place { display: block; font-size: .82rem; color: var(--soft); }
`

const PARTS = `
.masthead { padding-top: .5rem; }
.facts-list { margin: 1.25rem 0 0; display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; border-top: 1px solid var(--line); }
.facts-list > div:last-child:nth-child(odd) { grid-column: 1 / -1; }
.facts-list > div { display: grid; grid-template-columns: 8.5rem 1fr; gap: .75rem; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.facts-list dt { color: var(--soft); font-size: .9rem; }
.facts-list dd { margin: 0; min-width: 0; }
.conclusion { border: 1px solid var(--line); border-left: 6px solid var(--none); padding: 1.4rem 1.6rem; background: var(--faint); margin-top: 2rem; }
.conclusion.strong { border-left-color: var(--strong); }
.conclusion.caution { border-left-color: var(--caution); }
.conclusion.open { border-left-color: var(--open); }
.conclusion h2 { border: 0; padding: 0; margin: 0 0 .3rem; font-size: .95rem; color: var(--soft); }
.statement { font-size: 1.45rem; line-height: 1.45; font-weight: 700; text-wrap: pretty; margin-bottom: 1rem; }
.findings { list-style: none; margin: 0; padding: 0; }
.findings li { padding: .55rem 0; border-top: 1px solid var(--line); display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: .25rem .75rem; }
[lang="ko"] .findings li { grid-template-columns: 9.75rem minmax(0, 1fr); }
.findings .chip { justify-self: start; align-self: start; }
.limits { border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .92rem; }
.limits h3 { margin: 0 0 .3rem; font-size: .92rem; color: var(--ink); }
.limits p { margin-bottom: .3rem; max-width: none; }
.limits p:last-child { margin-bottom: 0; }
.chip { display: inline-flex; align-items: center; gap: .4em; border: 1px solid; padding: .08em .55em; border-radius: 3px; font-size: .88rem; font-weight: 700; line-height: 1.55; white-space: nowrap; }
.shape { font-size: .8em; width: 1em; text-align: center; }
.chip.strong { color: var(--strong); background: var(--strong-paper); border-color: var(--strong-line); }
.chip.caution { color: var(--caution); background: var(--caution-paper); border-color: var(--caution-line); }
.chip.none { color: var(--none); background: var(--none-paper); border-color: var(--none-line); }
.chip.open { color: var(--open); background: var(--open-paper); border-color: var(--open-line); border-style: dashed; }
.contents { margin-top: 1.5rem; font-size: .92rem; }
.contents ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; }
.contents a { display: inline-block; padding: .15rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
caption.shown { padding-top: .9rem; }
caption { text-align: left; font-weight: 700; padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem .75rem .6rem 0; border-bottom: 1px solid var(--line); }
thead th { font-size: .84rem; color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--ink); vertical-align: bottom; }
tbody th { font-weight: 600; }
th.number, td.number { text-align: right; padding-right: 0; padding-left: .75rem; white-space: nowrap; }
.cards td.text { min-width: 5.5rem; }
.cards td.wide { width: 54%; }
.cards .chip { margin-right: .5rem; }
.card-label { display: none; }
.card-value .plain { margin-bottom: 0; }
.card-value > p { margin: 0; }
/* Covers of the page's colour move with the content and bare the shadows where it goes on. */
.scroll {
  overflow-x: auto; max-width: 100%; position: relative;
  background:
    linear-gradient(to right, var(--paper) 40%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--edge), transparent) 0 0 / .8rem 100% no-repeat scroll,
    linear-gradient(to left, var(--edge), transparent) 100% 0 / .8rem 100% no-repeat scroll;
}
.scroll[data-wide]::before, .drawn.scroll[data-wide]::after { content: attr(data-hint) / ""; position: sticky; left: 0; display: block; width: max-content; font-size: .8rem; color: var(--soft); padding-bottom: .3rem; }
.drawn.scroll[data-wide]::before { content: none; }
.drawn.scroll[data-wide]::after { padding: .3rem 0 0; }
.dense { font-size: .86rem; }
.narrow { width: auto; }
.dense th, .dense td { padding: .4rem .9rem .4rem 0; white-space: nowrap; }
.dense th { overflow-wrap: normal; }
.dense thead th { white-space: normal; min-width: 4.6rem; }
.dense th small { white-space: normal; }
.dense td small { white-space: normal; width: max-content; max-width: 11rem; }
.dense th.number, .dense td.number { padding: .4rem 0 .4rem .9rem; }
.picture { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .75rem; margin-top: 1rem; }
.picture-labels { font-size: .82rem; line-height: 1.15; max-width: 13rem; }
.picture-labels .axis { height: 20px; color: var(--soft); font-size: .75rem; }
.picture-labels .row { height: 30px; display: flex; align-items: center; color: var(--soft); }
.picture-labels .component-row { font-weight: 700; color: var(--ink); align-items: flex-end; padding-bottom: 4px; white-space: nowrap; overflow: hidden; }
.layers { display: block; }
.layers rect { stroke: var(--cell-line); stroke-width: .5; }
.ticks text { font: 11px system-ui, sans-serif; fill: var(--soft); text-anchor: middle; }
${Array.from({ length: 8 }, (_, step) => `.step-${step} { fill: var(--step-${step}); background: var(--step-${step}); }`).join('\n')}
rect.empty { fill: none; stroke-dasharray: 2 2; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; margin: .9rem 0; font-size: .82rem; color: var(--soft); }
.legend ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem .9rem; margin: 0; padding: 0; }
.legend li { display: inline-flex; align-items: center; gap: .35rem; }
.swatch { width: 14px; height: 14px; border: 1px solid var(--cell-line); display: inline-block; }
.swatch.empty { border-style: dashed; }
details.component { border: 1px solid var(--line); border-radius: 4px; margin: .75rem 0; }
summary { cursor: pointer; padding: .65rem 1rem; }
.component > summary { display: flex; align-items: center; justify-content: space-between; gap: .75rem; flex-wrap: wrap; list-style: none; }
.component > summary::-webkit-details-marker { display: none; }
.summary-name { font-weight: 700; font-size: 1.05rem; min-width: 0; }
.summary-name::before { content: ""; display: inline-block; width: .45em; height: .45em; border: solid currentColor; border-width: 0 2px 2px 0; margin: 0 .8em .15em .15em; transform: rotate(-45deg); }
[open] > summary .summary-name::before { transform: rotate(45deg); margin-bottom: .3em; }
.component[open] > summary { border-bottom: 1px solid var(--line); background: var(--faint); }
.inside { padding: .9rem 1rem 1.1rem; }
.facts { color: var(--soft); font-size: .92rem; margin-bottom: .6rem; }
.meaning { margin: 0; display: grid; grid-template-columns: 11rem 1fr; gap: .5rem 1rem; }
.meaning dt { color: var(--soft); font-size: .9rem; }
.meaning dd { margin: 0; max-width: 44em; }
.numbers { margin: .8rem 0; }
.numbers > summary { padding: .4rem 0; color: var(--accent); font-size: .92rem; }
.numbers .scroll { margin: .6rem 0 1.4rem; }
.buttons { display: flex; gap: .5rem; }
button { font: inherit; font-size: .88rem; padding: .35rem .9rem; min-height: 2.25rem; border: 1px solid var(--open-line); border-radius: 4px; background: var(--paper); color: var(--ink); cursor: pointer; }
button[hidden] { display: none; }
pre { background: var(--faint); border: 1px solid var(--line); border-radius: 4px; padding: .7rem 1rem; margin: .5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.entries { margin: 0; }
.entries dt { font-weight: 700; margin-top: .9rem; }
.entries dt code { font-weight: 400; color: var(--soft); }
.entries dd { margin: .15rem 0 0; max-width: 48em; }
.entries dd code { color: var(--soft); white-space: nowrap; }
.footer { margin: 3rem 0; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .86rem; max-width: none; }
`

const NARROW = `
@media (max-width: 46rem) {
  .bar, main { padding-left: 1rem; padding-right: 1rem; }
  h1 { font-size: 1.5rem; }
  .statement { font-size: 1.2rem; }
  .conclusion { padding: 1.1rem 1rem; }
  .findings li, [lang="ko"] .findings li { grid-template-columns: minmax(0, 1fr); }
  .facts-list { grid-template-columns: 1fr; }
  .facts-list > div { grid-template-columns: 6.5rem 1fr; }
  .meaning { grid-template-columns: 1fr; gap: .1rem; }
  .meaning dd { margin-bottom: .5rem; }
  .cards, .cards tbody, .cards tr, .cards th, .cards td { display: block; }
  .cards caption.shown { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { border: 1px solid var(--line); border-radius: 4px; padding: .6rem .9rem; margin: .6rem 0; }
  .cards th, .cards td { border: 0; padding: .2rem 0; }
  .cards tbody th { font-size: 1.05rem; padding-bottom: .35rem; }
  .cards td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; }
  .cards td.number { text-align: left; padding-left: 0; white-space: normal; }
  .cards td.wide { width: auto; grid-template-columns: minmax(0, 1fr); gap: .1rem; }
  .cards td.blank { display: none; }
  .card-label { display: block; color: var(--soft); font-size: .86rem; }
  .dense th:first-child { white-space: normal; min-width: 6rem; max-width: 8.5rem; position: sticky; left: 0; background: var(--paper); }
  .dense th:first-child, .dense td { padding-right: .7rem; }
  .dense td { min-width: 5.5rem; }
  .dense td small { max-width: 9rem; }
  .picture-labels { max-width: 6.8rem; font-size: .73rem; line-height: 1.1; }
}
`

const PRINT = `
@media print {
  :root { --paper: #ffffff; --ink: #000000; --soft: #333333; --line: #999999; --faint: #ffffff; --accent: #000000; }
  @page { margin: 18mm 16mm; }
  body { font-size: 10pt; line-height: 1.5; }
  .bar, .buttons, .contents { display: none; }
  main { max-width: none; padding: 0; }
  section { margin-top: 1.6rem; }
  h2, h3, summary, thead { break-after: avoid; }
  .dense tr, .conclusion, .picture, dt, pre { break-inside: avoid; }
  .component, .numbers { break-inside: auto; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .scroll { overflow: visible; background: none; }
  .scroll[data-wide]::before, .drawn.scroll[data-wide]::after { content: none; }
  .layers { width: 100%; }
  .layers rect, .swatch, .chip { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .contents + section { break-before: page; }
  .dense { font-size: 8pt; }
  .dense small { font-size: .95em; }
  .dense th, .dense td, .dense thead th { white-space: normal; min-width: 0; padding: .25rem .5rem .25rem 0; }
  .dense th.number, .dense td.number { padding: .25rem 0 .25rem .5rem; }
  .dense td.number { white-space: nowrap; }
  .legend { break-before: avoid; }
}
@media (forced-colors: active) {
  .layers rect, .swatch { forced-color-adjust: none; }
  .chip { border-color: CanvasText; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`

export const PAGE_STYLE = [COLOURS, BASE, PARTS, NARROW, PRINT].join('')
