import { AppError } from '../../base/errors.ts'

export function archiveError(file: string, what: string): AppError {
  return new AppError('CHECKPOINT_INVALID', `${file}: ${what}`, {
    hint: 'the archive is damaged or was not written by torch.save: fetch it again, or convert it to safetensors',
  })
}

export function archiveLimit(file: string, what: string): AppError {
  return new AppError('LIMIT_EXCEEDED', `${file}: ${what}`, {
    hint: 'genuine files stay far below this bound: check where the file comes from',
  })
}

/** A pickle that would do more than list tensors. */
export function refusedPickle(file: string, what: string): AppError {
  return new AppError('FORMAT_UNSUPPORTED', `${file}: ${what}; only tables of tensors are read`, {
    hint: 'ask the maker for safetensors, or convert a copy on a machine that you can afford to lose',
  })
}
