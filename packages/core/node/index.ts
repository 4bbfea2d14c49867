export { type OpenCheckpointOptions, openCheckpoint } from './checkpoint/open-checkpoint.ts'
export { openModel } from './open-model.ts'
export type { RemoteOptions } from './remote/open-remote.ts'
export { createKeyFile, defaultKeyPath, readKeyFile } from './round/key-file.ts'
export {
  appendToRecord,
  createRoundFolder,
  readInputFiles,
  readPlan,
  readRecord,
  readRoundFolder,
} from './round/round-folder.ts'
export {
  type CommitmentCheck,
  type CommitRequest,
  commitCheckpoint,
  verifyCommitments,
} from './training/commit.ts'
export {
  type OpenedTraining,
  openTrainingRecord,
  parseTrainingRecord,
} from './training/read-record.ts'
