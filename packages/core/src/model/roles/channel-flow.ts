import type { MatrixView } from '../role.ts'

/** Where the channels of a group lie in a value. */
export type ChannelAxis = {
  readonly group: number
  /** −1 is the last axis. */
  readonly fromEnd: number
  /** Axes of the value; null where the graph does not tell. */
  readonly rank: number | null
  /** Every axis behind the channels has length 1, as after global pooling. */
  readonly pooled: boolean
}

/**
 * What is known of a value. 'neutral' carries no order of channels (a scalar, a mean over
 * channels, a shape); 'opaque' may carry an order that nothing here follows.
 */
export type ChannelState = ChannelAxis | 'neutral' | 'opaque'

export type GroupRows = { readonly tensor: string; readonly view: MatrixView }

type Group = {
  size: number
  free: boolean
  readonly rows: GroupRows[]
}

/**
 * Groups of channels that are permuted together, as a union-find. A group starts free and is
 * closed for good as soon as anything depends on the order of its channels.
 */
export class ChannelFlow {
  readonly #groups: Group[] = []
  readonly #parent: number[] = []
  readonly #states = new Map<string, ChannelState>()
  /** Parameters along a group's channels: used twice, they tie two groups together. */
  readonly #bound = new Map<string, number>()

  open(size: number): number {
    this.#groups.push({ size, free: true, rows: [] })
    this.#parent.push(this.#parent.length)
    return this.#parent.length - 1
  }

  #root(group: number): number {
    let at = group
    while (this.#parent[at] !== at) at = this.#parent[at] ?? at
    return at
  }

  #at(group: number): Group {
    return this.#groups[this.#root(group)] as Group
  }

  size(group: number): number {
    return this.#at(group).size
  }

  close(group: number): void {
    this.#at(group).free = false
  }

  /** One order for both; groups of different size cannot have one and are closed. */
  tie(a: number, b: number): void {
    const [first, second] = [this.#root(a), this.#root(b)]
    if (first === second) return
    const [into, from] = [this.#at(first), this.#at(second)]
    const free = into.free && from.free && into.size === from.size
    into.free = free
    from.free = free
    if (into.size !== from.size) return
    into.rows.push(...from.rows)
    this.#parent[second] = first
  }

  addRows(group: number, rows: GroupRows): void {
    const { rows: own } = this.#at(group)
    if (!own.some(({ tensor }) => tensor === rows.tensor)) own.push(rows)
  }

  /** A parameter of `role` (rows, columns or a vector) lies along this group's channels. */
  bind(tensor: string, role: string, group: number): void {
    const key = `${role}|${tensor}`
    const bound = this.#bound.get(key)
    if (bound === undefined) this.#bound.set(key, group)
    else this.tie(bound, group)
  }

  state(name: string): ChannelState {
    return this.#states.get(name) ?? 'opaque'
  }

  set(name: string | undefined, state: ChannelState): void {
    if (name !== undefined && name !== '') this.#states.set(name, state)
  }

  /** Something depends on the order of this value's channels. */
  closeValue(name: string): void {
    const state = this.state(name)
    if (typeof state === 'object') this.close(state.group)
  }

  freeGroups(): readonly { readonly size: number; readonly rows: readonly GroupRows[] }[] {
    return this.#groups.filter((group, at) => this.#parent[at] === at && group.free)
  }
}
