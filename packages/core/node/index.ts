export { type OpenCheckpointOptions, openCheckpoint } from './checkpoint/open-checkpoint.ts'
export { openMatrixEngine, type ThreadedEngine, WORKERS_MAX } from './compute/matrix-engine.ts'
export { makeFolder } from './make-folder.ts'
export { openModel } from './open-model.ts'
export { openTransform } from './open-transform.ts'
export { type OpenedBundle, openBundle, writeBundle } from './registry/bundle-file.ts'
export { isDatabaseAddress } from './registry/database-address.ts'
export { fingerprintPlace, fingerprintSource } from './registry/fingerprint-place.ts'
export { openFilledRegistry, openRegistry } from './registry/open-registry.ts'
export { readCatalogue } from './registry/read-catalogue.ts'
export { type FoundConfig, readConfig } from './registry/read-config.ts'
export type { ListedModel, RegistryStore } from './registry/registry-store.ts'
export { sketchKernel } from './registry/sketch-kernel.ts'
export { writeWhole } from './registry/write-whole.ts'
export type { RemoteOptions } from './remote/open-remote.ts'
export { shownAddress } from './remote/shown-address.ts'
export { reportNames } from './report-name.ts'
export { readEvidence } from './round/evidence-folder.ts'
export { createKeyFile, defaultKeyPath, readKeyFile } from './round/key-file.ts'
export { replacePublished } from './round/published-folder.ts'
export {
  appendToRecord,
  createRoundFolder,
  readInputFiles,
  readPlan,
  readRecord,
  readRoundFolder,
} from './round/round-folder.ts'
export { defaultSecretPath, randomHex, readOrCreateSecret } from './round/secret-file.ts'
export { type FullReadOptions, fullReader } from './streaming/read-in-full.ts'
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
