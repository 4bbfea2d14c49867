// By itself, so that a run without --full does not load what reads in full.
export { fullReader } from '@dokja/core/node'
