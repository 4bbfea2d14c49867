import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is used of the host's WebAssembly; the types of Node do not declare it. */
type WebAssemblyHost = {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports?: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown }
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory
}

/** Compiled code; may be sent to other threads. */
export type WasmModule = object

export type WasmMemory = {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

export const PAGE_BYTES = 65_536

const FOLDER = join(import.meta.dirname, '..', 'wasm')

const host = (): WebAssemblyHost =>
  (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly

const compiled = new Map<string, WasmModule>()

/** Compiles packages/core/wasm/NAME.wasm, once. */
export function loadKernel(name: string): WasmModule {
  const known = compiled.get(name)
  if (known) return known
  const { Module } = host()
  const module = new Module(readFileSync(join(FOLDER, `${name}.wasm`)))
  compiled.set(name, module)
  return module
}

/** Takes a kernel that another thread has compiled: the code that V8 makes of it is then one for both. */
export function adoptKernel(name: string, module: WasmModule): void {
  compiled.set(name, module)
}

/** An instance with a memory of its own; the caller knows what the kernel exports. */
export function instantiateKernel<Exports>(module: WasmModule): Exports {
  const { Instance } = host()
  return new Instance(module).exports as Exports
}

/** A memory of this size, in which several kernels may work. Pages that nothing touches take none. */
export function makeMemory(sizeBytes: number): WasmMemory {
  const { Memory } = host()
  return new Memory({ initial: Math.ceil(sizeBytes / PAGE_BYTES) })
}

/** An instance of a kernel that works in a memory given to it. Its own first page is the kernel's. */
export function instantiateIn<Exports>(memory: WasmMemory, name: string): Exports {
  const { Instance } = host()
  return new Instance(loadKernel(name), { env: { memory } }).exports as Exports
}

/**
 * Makes a memory at least this large. What kernels usually need they have from the start (scripts/build-wasm.ts):
 * one memory that grows slows every loop over numbers in the process.
 */
export function growTo(memory: WasmMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
}
