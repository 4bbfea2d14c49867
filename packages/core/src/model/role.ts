/**
 * What a stored tensor is for. One stored tensor may hold several logical matrices (fused QKV,
 * gate and up in one, all experts in one), each described by a `MatrixView`.
 */
export type ComponentName =
  | 'language_model'
  | 'vision_encoder'
  | 'audio_encoder'
  | 'projector'
  | 'embeddings'
  | 'tokenizer'
  // a path for anything else, e.g. 'decoder' or 'encoder.stem'
  | (string & {})

export const ROLE_KINDS = [
  'embedding', // token embedding, rows are tokens
  'head', // output head, rows are tokens
  'position', // learned or fixed positions: index-specific, never tested
  'norm', // norm weight (γ); bias of a norm has part 'bias'
  'qk_norm', // norm inside attention: tied to rotary frequency
  'q',
  'k',
  'v',
  'o',
  'q_a', // MLA: down projection to the query latent
  'q_b', // MLA: latent to heads
  'kv_a', // MLA: down projection to the key/value latent (+ shared rotary key rows)
  'kv_b', // MLA: latent to heads, per head [nope | v]
  'gate', // gated MLP, the branch inside the activation
  'up', // gated MLP, the linear branch
  'down',
  'fc1', // MLP without gate
  'fc2',
  'router',
  'patch', // patch or frame embedding convolution
  'conv',
  'linear', // a dense layer whose place is not known by name
  'buffer', // deterministic by construction (rotary frequencies, masks, STFT and mel bases)
  'other',
] as const

export type RoleKind = (typeof ROLE_KINDS)[number]

/**
 * A logical [rows, cols] matrix inside a stored tensor. Logical row i, column j is the stored
 * element `offset + storedRow(i) · rowStep + j · colStep`, in elements, where storedRow walks
 * through `segments` in order. Vectors are [rows, 1]. Rows are outputs and columns inputs
 * (convolutions: [outputs, inputs · kernel]; transposed convolutions: [inputs, outputs · kernel]).
 * The views of one tensor are disjoint and together hold each of its elements once.
 */
export type MatrixView = {
  readonly rows: number
  readonly cols: number
  readonly offset: number
  readonly rowStep: number
  readonly colStep: number
  readonly segments: readonly { readonly first: number; readonly count: number }[]
}

export type Role = {
  readonly component: ComponentName
  /** 0-based block index within the component; null outside the blocks. */
  readonly layer: number | null
  /** Expert index; null for dense layers; -1 for shared experts. */
  readonly expert: number | null
  readonly kind: RoleKind
  readonly part: 'weight' | 'bias'
  /**
   * Keeps apart roles that share everything else; '' for the plain case. Norms have the same
   * word in every family (`pre_attention`, `post_attention`, `pre_mlp`, `post_mlp`, `pre_cross`,
   * `q`, `k`, `q_a`, `kv_a`, `final`, `embedding`), attention over another sequence has `cross`,
   * everything else the remaining path of its name.
   */
  readonly slot: string
  readonly tensor: string
  readonly view: MatrixView
  /** Why this role was given: shown in reports when names were not enough. */
  readonly basis: 'name' | 'graph' | 'shape'
}

/** Facts about a component that decide which symmetries its weights have. */
export type ComponentStructure = {
  readonly component: ComponentName
  readonly layerCount: number
  /** Width of the residual stream; null where there is none. */
  readonly hiddenSize: number | null
  /** Undefined where there is none, where heads are not known, and where blocks differ in them. */
  readonly attention:
    | {
        readonly queryHeads: number
        readonly keyValueHeads: number
        readonly headDim: number
        /**
         * 'half' pairs j with j + dims/2, 'interleaved' pairs 2j with 2j+1, 'none' has no rotation
         * (learned positions, ALiBi, NoPE), 'unknown' is either of the rotary layouts or none.
         */
        readonly rotary: 'half' | 'interleaved' | 'none' | 'unknown'
        /**
         * Rotated dimensions per head, from the front of the head (from its end where `latent` is
         * given); ≤ headDim. Null where neither config, type nor a frequency table tells, and where
         * queries and keys pass a norm that subtracts, or may subtract, a mean: then their signs
         * are not free.
         */
        readonly rotaryDims: number | null
      }
    | undefined
  /** 'layer' subtracts the mean, 'rms' does not, 'unknown' could be either. */
  readonly norm: 'rms' | 'layer' | 'none' | 'unknown'
  /** 'gated': the up branch is a pure factor; 'gated_affine': (up + 1)·glu as in gpt-oss. */
  readonly mlp: 'gated' | 'gated_affine' | 'plain' | 'unknown'
  /** A fixed (e.g. sinusoidal) position is added to the residual stream. */
  readonly fixedPositionAdded: boolean
  /** MLA dimensions where present. */
  readonly latent:
    | {
        readonly keyValueRank: number
        readonly queryRank: number | null
        readonly nopeDim: number
        readonly ropeDim: number
        readonly valueDim: number
      }
    | undefined
}

/**
 * Output channels of layers that the graph shows to be interchangeable: nothing outside the
 * group depends on their order. Found from an ONNX graph, or from shapes that chain. A matrix is
 * in one group at most, under the view that its role has, and never in one when its role's kind
 * (gate, up, fc1) has tests of its own.
 */
export type ChannelGroup = {
  readonly component: ComponentName
  readonly id: string
  readonly size: number
  /** Matrices whose rows are this group's channels, free to be permuted jointly. */
  readonly rowsOf: readonly { readonly tensor: string; readonly view: MatrixView }[]
}

export type RoleMap = {
  readonly roles: readonly Role[]
  readonly structures: readonly ComponentStructure[]
  readonly channelGroups: readonly ChannelGroup[]
  /** Tensors that got no role beyond 'other', and what was assumed, in plain words. */
  readonly notes: readonly string[]
}
