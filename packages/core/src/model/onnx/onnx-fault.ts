import { AppError } from '../../base/errors.ts'

const FETCH_AGAIN =
  'the file is damaged or was written by a faulty program: fetch it again, or export the model again'

export function onnxError(file: string, what: string, hint = FETCH_AGAIN): AppError {
  return new AppError('ONNX_INVALID', `${file}: ${what}`, { hint })
}
