/** What an ONNX file says of its computation, reduced to what role detection asks for. */
export type OnnxNode = {
  readonly name: string
  readonly opType: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Integer, float, text and integer-list attributes; tensors and subgraphs are lifted out. */
  readonly attributes: ReadonlyMap<string, number | string | readonly number[]>
}

export type OnnxGraph = {
  /** '' for the main graph; 'then_branch@node' style paths for subgraphs. */
  readonly path: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly subgraphs: readonly OnnxGraph[]
}
