import { createHash, type Hash } from 'node:crypto'
import type { StepResult } from '../../src/audit/full-read/full-read.ts'
import type { ReadStep } from '../../src/audit/full-read/plan-full-read.ts'
import type { ReadUnit } from '../../src/audit/full-read/read-units.ts'
import type { Digest } from '../../src/base/digest.ts'
import { type Extent, extentsOf, gap, isNumeric, pieceOf, type Range } from './extents.ts'
import type { StreamedFile } from './streamed-file.ts'
import { type Buffer, EXTENT_BYTES, PIECE_ELEMENTS, SumKernel } from './sum-kernel.ts'

export type UnitJob = {
  readonly unit: ReadUnit
  /** The unit's own steps, in its order. */
  readonly steps: readonly ReadStep[]
}

export type UnitResult = {
  readonly candidate: Digest | null
  readonly reference: Digest | null
  readonly steps: readonly StepResult[]
}

export type OpenFiles = {
  readonly candidate: (file: string) => Promise<StreamedFile>
  readonly reference: (file: string) => Promise<StreamedFile>
}

/**
 * Reads the files of a unit once: hashes them in file order, and adds up each tensor beside its
 * counterpart while both are in the processor's cache. `ahead` extents are read ahead of the sums while other
 * threads read them.
 */
export async function streamUnit(
  { unit, steps }: UnitJob,
  open: OpenFiles,
  options: Pick<WalkFiles, 'ahead' | 'isReadByOthers' | 'onBytes'>,
): Promise<UnitResult> {
  const opened: StreamedFile[] = []
  const opening = async (side: keyof OpenFiles, file: string) => {
    const found = await open[side](file)
    opened.push(found)
    return found
  }
  try {
    const a = unit.candidate === null ? null : await opening('candidate', unit.candidate)
    const places = new Map<string, StreamedFile>()
    const beside = unit.reference === null ? null : await opening('reference', unit.reference)
    for (const { counterpart } of steps) {
      const file = counterpart?.span.file
      if (file === undefined || places.has(file)) continue
      places.set(
        file,
        file === unit.reference && beside ? beside : await opening('reference', file),
      )
    }
    const walk = new UnitWalk(steps, { a, beside, places, ...options })
    const results = await walk.run()
    for (const file of opened) await file.checkUnchanged()
    return results
  } finally {
    await Promise.allSettled(opened.map((file) => file.close()))
  }
}

type WalkFiles = {
  readonly a: StreamedFile | null
  /** Hashed along with the steps. */
  readonly beside: StreamedFile | null
  readonly places: ReadonlyMap<string, StreamedFile>
  readonly ahead: number
  readonly isReadByOthers: () => boolean
  readonly onBytes?: (count: number) => void
}

class UnitWalk {
  readonly #steps: readonly ReadStep[]
  readonly #files: WalkFiles
  readonly #kernel: SumKernel
  readonly #extentBytes: number
  readonly #hashA: Hash | null
  readonly #hashB: Hash | null
  readonly #results: StepResult[] = []
  #isIdentical: boolean | null = null

  constructor(steps: readonly ReadStep[], files: WalkFiles) {
    this.#steps = steps
    this.#files = files
    this.#extentBytes = files.isReadByOthers() ? EXTENT_BYTES.byOthers : EXTENT_BYTES.itself
    this.#kernel = new SumKernel(2 * (files.ahead + 1), this.#extentBytes)
    this.#hashA = files.a && createHash('sha256')
    this.#hashB = files.beside && createHash('sha256')
  }

  async run(): Promise<UnitResult> {
    const slots = this.#files.ahead + 1
    const extents = this.#extents()
    const pending: (Promise<Extent | null> | undefined)[] = Array.from({ length: slots })
    const start = (slot: number) => {
      const next = extents.next()
      const extent = next.done ? null : next.value
      const reading = extent ? this.#read(extent, slot).then(() => extent) : Promise.resolve(null)
      // A failure is met where its turn comes; until then it is not unhandled.
      reading.catch(() => {})
      return reading
    }
    try {
      for (let slot = 0; ; slot = (slot + 1) % slots) {
        const wanted = this.#files.isReadByOthers() ? slots : 1
        for (let next = 0; next < wanted; next++) {
          const at = (slot + next) % slots
          pending[at] ??= start(at)
        }
        const extent = await (pending[slot] as Promise<Extent | null>)
        pending[slot] = undefined
        if (extent === null) break
        this.#take(extent, slot)
      }
    } finally {
      // Nothing may still be written into buffers when files close.
      await Promise.allSettled(pending)
    }
    return {
      candidate: digestOf(this.#hashA),
      reference: digestOf(this.#hashB),
      steps: this.#results,
    }
  }

  /** Everything to be read, in order: gaps are hashed, tensors hashed and added up. */
  *#extents(): Generator<Extent> {
    const { a, beside, places } = this.#files
    const most = this.#extentBytes
    let [atA, atB] = [0, 0]
    for (const [index, step] of this.#steps.entries()) {
      yield* gap('a', { begin: atA, end: step.candidate.beginByte }, most)
      atA = step.candidate.endByte
      const { counterpart } = step
      const isBeside = counterpart !== null && places.get(counterpart.span.file) === beside
      if (counterpart && isBeside) {
        yield* gap('b', { begin: atB, end: counterpart.span.beginByte }, most)
        atB = counterpart.span.endByte
      }
      yield* extentsOf(step, index, most)
    }
    if (a) yield* gap('a', { begin: atA, end: a.sizeBytes }, most)
    if (beside) yield* gap('b', { begin: atB, end: beside.sizeBytes }, most)
  }

  async #read(extent: Extent, slot: number): Promise<void> {
    const { a, beside, places } = this.#files
    const file = extent.step === null ? beside : this.#counterpartFile(extent.step, places)
    const [own, other] = this.#buffers(slot)
    const parts = [
      { file: a, range: extent.a, buffer: own },
      { file, range: extent.b, buffer: other },
    ]
    await Promise.all(
      parts.map(async ({ file, range, buffer }) => {
        if (file && range) {
          await file.readInto(range.begin, buffer.bytes.subarray(0, range.end - range.begin))
        }
      }),
    )
  }

  #counterpartFile(step: number, places: ReadonlyMap<string, StreamedFile>): StreamedFile | null {
    return places.get(this.#steps[step]?.counterpart?.span.file ?? '') ?? null
  }

  #buffers(slot: number): readonly [Buffer, Buffer] {
    const { buffers } = this.#kernel
    return [buffers[2 * slot] as Buffer, buffers[2 * slot + 1] as Buffer]
  }

  #take(extent: Extent, slot: number): void {
    const step = extent.step === null ? null : (this.#steps[extent.step] as ReadStep)
    const [own, other] = this.#buffers(slot)
    const lengths = [extent.a, extent.b].map((range) => (range ? range.end - range.begin : 0))
    const isBesideHashed =
      step === null ||
      this.#counterpartFile(extent.step ?? 0, this.#files.places) === this.#files.beside
    const isFirst = step === null || extent.a?.begin === step.candidate.beginByte
    if (step && isFirst) {
      this.#kernel.begin()
      this.#isIdentical = extent.isComparable ? true : null
    }
    const pieces = Math.max(1, Math.ceil(extent.elements / PIECE_ELEMENTS))
    for (let piece = 0; piece < pieces; piece++) {
      const [a, b] = lengths.map((length) => pieceOf(length, piece, extent.elements)) as [
        Range,
        Range,
      ]
      if (a.end > a.begin) this.#hashA?.update(own.bytes.subarray(a.begin, a.end))
      if (b.end > b.begin && isBesideHashed)
        this.#hashB?.update(other.bytes.subarray(b.begin, b.end))
      if (step) this.#add(step, { own, other, a, b, first: piece * PIECE_ELEMENTS, extent })
    }
    if (step && extent.a?.end === step.candidate.endByte) this.#finish(step)
    this.#files.onBytes?.((lengths[0] ?? 0) + (lengths[1] ?? 0))
  }

  #add(
    step: ReadStep,
    piece: {
      readonly own: Buffer
      readonly other: Buffer
      readonly a: Range
      readonly b: Range
      readonly first: number
      readonly extent: Extent
    },
  ): void {
    const { own, other, a, b, extent } = piece
    if (this.#isIdentical === true) {
      const [x, y] = [own.bytes.subarray(a.begin, a.end), other.bytes.subarray(b.begin, b.end)]
      this.#isIdentical = globalThis.Buffer.compare(x, y) === 0
    }
    if (!isNumeric(step)) return
    const count = Math.min(PIECE_ELEMENTS, extent.elements - piece.first)
    if (count <= 0) return
    const left = { buffer: own, from: a.begin, dtype: step.dtype ?? 'U8' }
    const right = step.counterpart
      ? { buffer: other, from: b.begin, dtype: step.counterpart.dtype ?? 'U8' }
      : left
    this.#kernel.add(left, right, count)
  }

  #finish(step: ReadStep): void {
    this.#results.push({
      isIdentical: this.#isIdentical,
      sums: isNumeric(step) ? this.#kernel.end(step.elements) : null,
    })
  }
}

const digestOf = (hash: Hash | null): Digest | null => hash && `sha256:${hash.digest('hex')}`
