/** The order of annotations in lists: a text's as one reads it, an image's as they were made. Tags stand apart. */

import type { AnnotationRecord } from "../live/contract"

interface Placed {
  record: AnnotationRecord
  start: number
  /** The lowest of its properties' clocks: it tells those apart that came in one commit. */
  first: number
}

export function inOrder(records: Iterable<AnnotationRecord>): AnnotationRecord[] {
  const placed: Placed[] = []
  for (const record of records) {
    const { shape, clock, clocks } = record
    if (shape.type === "tag") continue
    // What the server does not know yet has a date by another clock, and comes last.
    const first = clock ? Math.min(...Object.values(clocks)) : Infinity
    placed.push({ record, start: shape.type === "span" ? shape.start : 0, first })
  }
  return placed.sort(compared).map(({ record }) => record)
}

function compared(a: Placed, b: Placed): number {
  if (a.start !== b.start) return a.start - b.start
  const [known, other] = [a.first !== Infinity, b.first !== Infinity]
  if (known !== other) return known ? -1 : 1
  const [made, later] = [a.record.created_at, b.record.created_at]
  if (made !== later) return made < later ? -1 : 1
  return a.first === b.first ? 0 : a.first - b.first
}
