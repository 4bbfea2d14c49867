export { type OpenCheckpointOptions, openCheckpoint } from './checkpoint/open-checkpoint.ts'
export { createKeyFile, defaultKeyPath, readKeyFile } from './round/key-file.ts'
export {
  appendToRecord,
  createRoundFolder,
  readInputFiles,
  readPlan,
  readRecord,
  readRoundFolder,
} from './round/round-folder.ts'
