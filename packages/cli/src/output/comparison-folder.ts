// By itself, so that a run without --out does not load what writes pages and files of transforms.
export { renderComparisonHtml, transformFiles } from '@dokja/core'
