/** The rows of a long list that are drawn: those in sight and some on either side. */
export function windowOf(
  count: number,
  top: number,
  height: number,
  row: number,
  spare = 12,
): { start: number; end: number } {
  const start = Math.max(0, Math.floor(top / row) - spare)
  return { start: Math.min(start, count), end: Math.min(count, Math.ceil((top + height) / row) + spare) }
}
