import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Fault } from '../../base/faults.ts'

export type Path = readonly (string | number)[]

/** A YAML text with the means to say where in it something stands. */
export type YamlSource = {
  readonly value: unknown
  readonly faults: readonly Fault[]
  readonly fault: (path: Path, message: string, at?: 'key' | 'value') => Fault
}

const MAX_CHARACTERS = 2 ** 20
const MAX_DEPTH = 40
/** Doubles carry 15 significant decimal digits without loss; more would be rounded silently. */
const MAX_SIGNIFICANT_DIGITS = 15

/**
 * Reads one YAML 1.2 document in the core schema, without what a sealed rule must not contain:
 * duplicate keys, anchors and aliases, tags, keys that are not text, numbers that a double cannot
 * carry. All faults are collected with line and column.
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  const at = (offset: number): Pick<Fault, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const refused = (message: string): YamlSource => ({
    value: undefined,
    faults: [{ file, line: 1, column: 1, message }],
    fault: (path, what) => ({ file, at: formatPath(path), message: what }),
  })
  if (text.length > MAX_CHARACTERS) return refused(`longer than ${MAX_CHARACTERS} characters`)
  let document: Document.Parsed
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      schema: 'core',
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
    })
  } catch (error) {
    // The composer recurses; hostile nesting exhausts the stack before it can be counted.
    if (error instanceof RangeError) return refused(`nested deeper than ${MAX_DEPTH} levels`)
    throw error
  }
  // Where nesting is a little less hostile the parser itself says that its stack ran out.
  if (document.errors.some(({ message }) => /stack (size exceeded|overflow)/i.test(message))) {
    return refused(`nested deeper than ${MAX_DEPTH} levels`)
  }
  const faults: Fault[] = [...document.errors, ...document.warnings].map((problem) => ({
    file,
    ...at(problem.pos[0]),
    message: sentence(problem.message),
  }))
  if (faults.length === 0) faults.push(...forbidden(document, file, at))
  return {
    value: faults.length === 0 ? document.toJS({ maxAliasCount: 0 }) : undefined,
    faults,
    fault: (path, message, side = 'value') => ({
      file,
      ...at(offsetOf(document, path, side)),
      at: formatPath(path),
      message,
    }),
  }
}

function forbidden(
  document: Document.Parsed,
  file: string,
  at: (offset: number) => Pick<Fault, 'line' | 'column'>,
): Fault[] {
  const faults: Fault[] = []
  const say = (node: Node, message: string) =>
    faults.push({ file, ...at(node.range?.[0] ?? 0), message })
  visit(document, (_key, node, path) => {
    if (path.filter((step) => isMap(step) || isSeq(step)).length > MAX_DEPTH) {
      say(node as Node, `nested deeper than ${MAX_DEPTH} levels`)
      return visit.BREAK
    }
    if (isPair(node) && !(isScalar(node.key) && typeof node.key.value === 'string')) {
      say(node.key as Node, 'a key that is not text')
      return undefined
    }
    if (isAlias(node)) say(node, 'an alias (*); write the value out')
    else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor) say(node, 'an anchor (&); write the value out where it is needed')
      if (
        node.tag !== undefined &&
        /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/.test(node.tag)
      ) {
        // The core tags change nothing that the text does not already say.
      } else if (node.tag) say(node, `a tag (${node.tag})`)
      if (isScalar(node) && typeof node.value === 'number') {
        const message = numberFault(node.source ?? String(node.value))
        if (message) say(node, message)
      }
    }
    return undefined
  })
  return faults
}

function numberFault(source: string): string | undefined {
  const match = /^[+-]?(\d+)(?:\.(\d*))?(?:[eE][+-]?\d{1,2})?$/.exec(source)
  if (!match) return `${source} is not a plain decimal number`
  const digits = `${match[1]}${match[2] ?? ''}`.replace(/^0+/, '').replace(/0+$/, '')
  if (digits.length > MAX_SIGNIFICANT_DIGITS) {
    return `${source} has more than ${MAX_SIGNIFICANT_DIGITS} significant digits`
  }
  return undefined
}

/** Offset of the value, or of its key; of the nearest enclosing node when the path ends early. */
function offsetOf(document: Document.Parsed, path: Path, side: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step)
      if (!pair) return offset
      const key = pair.key as Node
      const value = pair.value as Node | null
      const last = depth === path.length - 1
      offset = (last && side === 'key' ? key : (value ?? key)).range?.[0] ?? offset
      node = value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    } else return offset
  }
  return offset
}

/** `parts[1].measure.steps[0]` */
export function formatPath(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('')
}

const sentence = (message: string) => message.charAt(0).toLowerCase() + message.slice(1)
