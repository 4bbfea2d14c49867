// By itself, so that a run with --json does not load what lays out text.
export { renderComparison } from '@dokja/core'
