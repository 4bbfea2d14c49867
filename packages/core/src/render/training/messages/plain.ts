import type { Message } from '../../messages/template.ts'

/** A sentence without values. */
export const plain = (ko: string, en: string): Message => ({ values: {}, ko, en })
