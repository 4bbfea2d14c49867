const MAX_QUOTED_UNITS = 120

// Control characters, line separators and direction overrides: a name from a file must not be
// able to move a terminal's cursor or to reorder the line that it is printed in.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/** A name taken from a file, quoted so that it can be shown in a message: escaped and cut. */
export function quoted(text: string): string {
  const cut = text.length > MAX_QUOTED_UNITS ? `${text.slice(0, MAX_QUOTED_UNITS)}…` : text
  return `"${cut.replace(/["\\]/g, '\\$&').replace(UNPRINTABLE, escapeUnit)}"`
}

/** Whether a text can be shown on one line as it is. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) === -1
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
