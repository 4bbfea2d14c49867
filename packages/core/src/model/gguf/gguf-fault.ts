import { AppError } from '../../base/errors.ts'

const FETCH_AGAIN =
  'the file is damaged or was written by a faulty program: fetch it again, or convert the model again'

export function ggufError(file: string, what: string, hint = FETCH_AGAIN): AppError {
  return new AppError('GGUF_INVALID', `${file}: ${what}`, { hint })
}

export function ggufLimit(file: string, what: string): AppError {
  return new AppError('LIMIT_EXCEEDED', `${file}: ${what}`, {
    hint: 'genuine files stay far below this bound: check where the file comes from',
  })
}
