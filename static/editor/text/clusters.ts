/** Grapheme clusters: what a reader takes for one character. A span never cuts one. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })
const REACH = 2000 // units looked at either side, where a line is longer

/** The last cluster boundary at or before a unit. */
export function floor(text: string, unit: number): number {
  return around(text, unit).index
}

/** The first cluster boundary at or after a unit. */
export function ceil(text: string, unit: number): number {
  const cluster = around(text, unit)
  return cluster.index === unit ? unit : cluster.index + cluster.length
}

export const next = (text: string, unit: number): number => ceil(text, Math.min(unit + 1, text.length))
export const previous = (text: string, unit: number): number => floor(text, Math.max(unit - 1, 0))

/** The words of a range: no white space at its ends, no cluster cut. Null when nothing is left. */
export function tidy(text: string, start: number, end: number): { start: number; end: number } | null {
  const quote = text.slice(start, end)
  const from = start + quote.length - quote.trimStart().length
  const to = end - quote.length + quote.trimEnd().length
  return from < to ? { start: floor(text, from), end: ceil(text, to) } : null
}

function around(text: string, unit: number): { index: number; length: number } {
  if (unit <= 0 || unit >= text.length) return { index: Math.min(Math.max(unit, 0), text.length), length: 0 }
  const from = Math.max(text.lastIndexOf("\n", unit - 2) + 1, unit - REACH)
  const line = text.indexOf("\n", unit)
  const to = Math.min(line < 0 ? text.length : line + 1, unit + REACH)
  const cluster = segmenter.segment(text.slice(from, to)).containing(unit - from)
  return cluster ? { index: from + cluster.index, length: cluster.segment.length } : { index: unit, length: 0 }
}
