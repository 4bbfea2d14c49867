import type { FindingCode } from '../../audit/technical/training/finding.ts'
import type { Message } from '../messages/template.ts'
import { PATH } from './messages/path.ts'
import { REGISTRY } from './messages/registry.ts'
import { START } from './messages/start.ts'
import { STATED } from './messages/stated.ts'

/** Every code has a text: a new code does not compile until it has been given one. */
export const FINDING_MESSAGES: Readonly<Record<FindingCode, Message>> = {
  ...STATED,
  ...START,
  ...PATH,
  ...REGISTRY,
}
