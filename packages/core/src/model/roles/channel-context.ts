import type { OnnxNode } from '../onnx-graph.ts'
import type { ChannelAxis, ChannelFlow, ChannelState } from './channel-flow.ts'
import type { GraphIndex } from './graph-index.ts'

/** One operator and what is known when it runs. */
export type OpContext = {
  readonly flow: ChannelFlow
  readonly index: GraphIndex
  readonly node: OnnxNode
}

/** Channels that lie along axis 1, as convolutions want them. */
export const liesAlongAxisOne = ({ rank, fromEnd }: ChannelAxis): boolean =>
  rank !== null && rank + fromEnd === 1

/** Closes every group that reaches the operator; nothing is known of its outputs. */
export function giveUp({ flow, node }: OpContext): ChannelState {
  for (const input of node.inputs) flow.closeValue(input)
  return 'opaque'
}
