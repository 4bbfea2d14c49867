export const LANGUAGES = ['ko', 'en'] as const

export type Language = (typeof LANGUAGES)[number]

/** One text in every language. */
export type Words = Readonly<Record<Language, string>>
