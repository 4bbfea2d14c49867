import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@dokja/core'

/** Writes NAME.json, NAME.html and, where there is one, NAME.txt; never half a file. */
export async function writeReport(
  folder: string,
  name: string,
  content: { readonly document: unknown; readonly html: string; readonly text?: string },
): Promise<readonly string[]> {
  const files = [
    [join(folder, `${name}.json`), `${JSON.stringify(content.document, null, 2)}\n`],
    [join(folder, `${name}.html`), content.html],
    ...(content.text === undefined ? [] : [[join(folder, `${name}.txt`), content.text] as const]),
  ] as const
  try {
    await mkdir(folder, { recursive: true })
    for (const [path, text] of files) {
      const partial = `${path}.partial`
      await writeFile(partial, text)
      await rename(partial, path)
    }
  } catch (cause) {
    throw new AppError('UNREADABLE', `cannot write the report into ${folder}`, {
      cause,
      hint: 'choose another folder with --out',
    })
  }
  return files.map(([path]) => path)
}
