export { type OpenCheckpointOptions, openCheckpoint } from './checkpoint/open-checkpoint.ts'
