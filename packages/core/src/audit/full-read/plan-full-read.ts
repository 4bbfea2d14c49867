import type { Dtype } from '../../base/dtype.ts'
import type { Checkpoint, CheckpointFile } from '../../model/checkpoint.ts'
import type { ComponentName, Role, RoleMap } from '../../model/role.ts'
import { elementCount, type TensorInfo } from '../../model/tensor.ts'
import type { Pairing } from '../technical/pairing.ts'

/** Bytes [beginByte, endByte) of a file of a checkpoint. */
export type Span = { readonly file: string; readonly beginByte: number; readonly endByte: number }

/** One tensor of the candidate and, where it has one, its counterpart of the same layout. */
export type ReadStep = {
  readonly tensor: string
  readonly component: ComponentName | null
  readonly elements: number
  /** Two axes or more. */
  readonly isMatrix: boolean
  readonly candidate: Span
  /** How elements are stored; null where the bytes are codes of a quantiser. */
  readonly dtype: Dtype | null
  readonly counterpart: {
    readonly tensor: string
    readonly span: Span
    readonly dtype: Dtype | null
  } | null
}

/** What is read of two checkpoints, every file from its first byte to its last. */
export type FullReadPlan = {
  readonly candidateFiles: readonly CheckpointFile[]
  readonly referenceFiles: readonly CheckpointFile[]
  /** By the candidate's file and place. */
  readonly steps: readonly ReadStep[]
  /** Tensors of the reference without a counterpart of the same layout. */
  readonly unpairedOfReference: number
}

type Sides<T> = { readonly candidate: T; readonly reference: T }

export function planFullRead(
  checkpoints: Sides<Checkpoint>,
  roles: Sides<RoleMap>,
  pairing: Pairing,
): FullReadPlan {
  const others = new Map(checkpoints.reference.tensors.map((tensor) => [tensor.name, tensor]))
  const counterparts = counterpartNames(roles, pairing)
  const components = new Map(roles.candidate.roles.map((role) => [role.tensor, role.component]))
  const used = new Set<string>()
  const steps: ReadStep[] = []
  for (const tensor of checkpoints.candidate.tensors) {
    const candidate = spanOf(tensor)
    if (!candidate) continue
    const other = others.get(counterparts.get(tensor.name) ?? tensor.name)
    const span = other && !used.has(other.name) && isSameLayout(tensor, other) && spanOf(other)
    if (span) used.add(other.name)
    steps.push({
      tensor: tensor.name,
      component: components.get(tensor.name) ?? null,
      elements: elementCount(tensor.shape),
      isMatrix: tensor.shape.length > 1,
      candidate,
      dtype: plainDtype(tensor),
      counterpart: span ? { tensor: other.name, span, dtype: plainDtype(other) } : null,
    })
  }
  steps.sort((x, y) => bySpan(x.candidate, y.candidate))
  return {
    candidateFiles: checkpoints.candidate.files,
    referenceFiles: checkpoints.reference.files,
    steps,
    unpairedOfReference: others.size - used.size,
  }
}

const spanOf = ({ storage }: TensorInfo): Span | null =>
  storage.kind === 'file'
    ? { file: storage.file, beginByte: storage.beginByte, endByte: storage.endByte }
    : null

const plainDtype = ({ encoding, dtype }: TensorInfo): Dtype | null => (encoding ? null : dtype)

/** Same shape, and numbers that can be laid beside each other as they are stored. */
function isSameLayout(one: TensorInfo, other: TensorInfo): boolean {
  if (one.shape.join() !== other.shape.join()) return false
  if (!one.encoding && !other.encoding) return true
  return JSON.stringify(codesOf(one)) === JSON.stringify(codesOf(other))
}

/** What says how codes are written, without the tensors that a quantiser keeps beside them. */
function codesOf({ encoding, storage }: TensorInfo): unknown {
  const size = storage.kind === 'file' ? storage.endByte - storage.beginByte : 0
  if (!encoding) return null
  if (encoding.kind === 'blocks') return [encoding.format, size]
  return encoding.kind === 'affine' ? [encoding.codes, size] : [encoding.bits, size]
}

/** Tensors whose every role is paired with a role of one and the same tensor, in the same view. */
function counterpartNames(roles: Sides<RoleMap>, pairing: Pairing): ReadonlyMap<string, string> {
  const partners = new Map(pairing.pairs.map((pair) => [pair.candidate, pair.reference]))
  const names = new Map<string, string>()
  for (const [tensor, own] of Map.groupBy(roles.candidate.roles, (role) => role.tensor)) {
    const paired = own.map((role) => partners.get(role))
    const name = paired[0]?.tensor
    const isWhole = own.every(
      (role, at) => isSameView(role, paired[at]) && paired[at]?.tensor === name,
    )
    // A name that no tensor has: a counterpart by equal name would contradict the roles.
    names.set(tensor, isWhole && name !== undefined ? name : '')
  }
  return names
}

const isSameView = (role: Role, other: Role | undefined): boolean =>
  other !== undefined && JSON.stringify(role.view) === JSON.stringify(other.view)

export const bySpan = (x: Span, y: Span): number =>
  x.file === y.file ? x.beginByte - y.beginByte : x.file < y.file ? -1 : 1
