/** Where the cards are, and which of them are in sight. */

const LEAST_WIDTH = 200
const FOOT = 66
export const SPARE = 2 // rows on either side of those in sight

export interface Layout {
  columns: number
  gap: number
  /** From one row to the next. */
  row: number
  rows: number
}

export function layoutOf(width: number, total: number): Layout {
  const narrow = width < 3 * LEAST_WIDTH
  const gap = narrow ? 10 : 14
  const columns = narrow ? 2 : Math.floor((width + gap) / (LEAST_WIDTH + gap))
  const card = (width - gap * (columns - 1)) / columns
  return { columns, gap, row: Math.round((card * 3) / 4) + FOOT + gap, rows: Math.ceil(total / columns) }
}

/** The rows to be drawn, `end` not among them; `top` is how far the first row is above the window's top. */
export function rowsInSight(
  { row, rows }: Layout,
  top: number,
  height: number,
  spare = SPARE,
): { start: number; end: number } {
  const start = Math.max(0, Math.floor(top / row) - spare)
  const end = Math.min(rows, Math.ceil((top + height) / row) + spare)
  return { start: Math.min(start, rows), end: Math.max(end, Math.min(start, rows)) }
}

/** Which row each of so many places on the page shows: a row keeps its place while it is in sight. */
export function rowOf(place: number, places: number, start: number): number {
  return start + ((((place - start) % places) + places) % places)
}

/** Where an arrow leads; the same place when there is no card. */
export function moved(key: string, at: number, total: number, columns: number, page: number): number {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * page,
    PageDown: columns * page,
  }
  if (key === "Home") return 0
  if (key === "End") return total - 1
  const to = at + (steps[key] ?? 0)
  if (key === "PageUp") return Math.max(to, at % columns)
  if (key === "PageDown" || (key === "ArrowDown" && to >= total && lastRow(at, total, columns)))
    return Math.min(to, total - 1)
  return to < 0 || to >= total ? at : to
}

/** The last row is not full: from above its gap one gets to its end. */
function lastRow(at: number, total: number, columns: number): boolean {
  return Math.floor(at / columns) < Math.floor((total - 1) / columns)
}
