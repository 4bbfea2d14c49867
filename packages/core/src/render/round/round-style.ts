/** What the page of a stage needs beside the style that all pages have. */
export const ROUND_STYLE = `
.banner { border: 1px dashed var(--caution-line); background: var(--caution-paper); color: var(--caution); padding: .8rem 1.1rem; margin-top: 1.25rem; }
.banner h2 { border: 0; padding: 0; margin: 0 0 .2rem; font-size: 1rem; }
.banner p { margin: 0; color: var(--ink); max-width: 58em; }
.tag { display: inline-block; font-size: .72rem; font-weight: 700; line-height: 1.35; color: var(--caution); background: var(--caution-paper); border: 1px dashed var(--caution-line); border-radius: 3px; padding: 0 .35em; white-space: nowrap; vertical-align: .08em; }
h2 .tag, h3 .tag, caption .tag { margin-left: .5em; }
.cards td .tag { margin-left: .25em; }
.simulated { text-decoration: underline dotted var(--caution); text-underline-offset: .25em; text-decoration-thickness: 1.5px; }
.withheld, .unknown { color: var(--soft); font-size: .9em; }
.withheld::before { content: "▨ "; }
.table-note { font-size: .86rem; color: var(--soft); margin: .6rem 0 0; }
.cards thead th { overflow-wrap: normal; }
.cards thead th.number, td.number small, td.number .unknown { white-space: normal; }
.outcome { list-style: none; margin: 0; padding: 0; }
.outcome li { padding: .5rem 0; border-top: 1px solid var(--line); }
.rank { font-size: 1.1em; font-weight: 700; }
.quote { border-left: 3px solid var(--line); margin: .4rem 0 .9rem; padding: .1rem 0 .1rem 1rem; }
.quote p { margin-bottom: .35rem; }
.who { color: var(--soft); font-size: .86rem; }
.sources { list-style: none; margin: .15rem 0 0; padding: 0; font-size: .86rem; color: var(--soft); }
.sources li { margin: .1rem 0; }
.sources li::before { content: "↳ "; }
.callout { border-left: 4px solid var(--caution); background: var(--caution-paper); padding: .7rem 1rem; margin: .9rem 0; }
.callout h3, .callout h4 { margin: 0 0 .25rem; }
.callout .plain { margin: 0; }
h4 { font-size: .95rem; margin: 1.1rem 0 .3rem; }
.bars { display: block; width: 100%; height: 14px; }
.bars rect { stroke: var(--paper); stroke-width: .4; }
.shares { font-size: .82rem; color: var(--soft); display: block; white-space: normal; }
.trace, .trace ul { list-style: none; margin: 0; padding-left: 1.1rem; }
.trace { padding-left: 0; font-size: .92rem; }
.trace li { margin: .2rem 0; }
.trace summary { padding: .1rem 0; }
.trace summary:hover { background: var(--faint); }
.trace .label { font-weight: 600; }
.trace .rows { color: var(--soft); font-size: .85em; }
.rule-tree { margin: .3rem 0; }
.rule-tree td:first-child { padding-left: 0; }
.level-0, .level-1, .level-2, .level-3 { display: block; }
.level-1 { padding-left: 1.2rem; }
.level-2 { padding-left: 2.4rem; }
.level-3 { padding-left: 3.6rem; }
.basis { font-size: .86rem; color: var(--soft); }
.basis .chip { font-size: .75rem; }
.digest { font-size: .8rem; overflow-wrap: anywhere; }
@media (min-width: 46.01rem) {
  .cards tbody th { min-width: 7.5rem; }
  td.number + td, th.number + th { padding-left: 1.4rem; }
}
@media (max-width: 46rem) {
  .trace ul { padding-left: .7rem; }
  .bars { max-width: 16rem; }
}
@media print {
  .bars rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .trace { font-size: 8.5pt; }
  /* On paper a trace ends where single runs and rows would begin. */
  .trace ul ul ul { display: none; }
}
`
