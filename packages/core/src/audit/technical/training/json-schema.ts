import { z } from 'zod'
import { trainingRecordSchema } from './record.ts'

/** The training record as JSON Schema 2020-12: docs/formats/training-record.schema.json. */
export const trainingRecordJsonSchema = (): unknown =>
  z.toJSONSchema(trainingRecordSchema, { target: 'draft-2020-12' })
