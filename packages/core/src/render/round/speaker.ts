import type { Language } from '../messages/language.ts'
import { fill, type Message, plainText, type Values } from '../messages/template.ts'

/** A fixed text in both languages. */
export const words = (ko: string, en: string) => ({ values: {}, ko, en }) as const

/** A function that says the messages of one table. */
export const speaker =
  <Table extends Readonly<Record<string, Message>>>(table: Table) =>
  (key: keyof Table, language: Language, values: Values = {}): string => {
    const message = table[key]
    return message ? plainText(fill(message, language, values)) : String(key)
  }
