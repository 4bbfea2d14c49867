import { z } from 'zod'

/** A `Digest` in a file: `sha256:` and 64 lower-case hexadecimal digits. */
export const digestSchema = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)])
