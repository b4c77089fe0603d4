/** Stacks what would cover each other. */

export interface Interval {
  readonly start: number
  readonly end: number
}

/** A lane for each interval, from 0: intervals on one lane do not overlap. The first and longest come first. */
export function lanes(intervals: readonly Interval[]): number[] {
  const order = intervals.map((_, i) => i)
  const at = (i: number): Interval => intervals[i] as Interval
  order.sort((a, b) => at(a).start - at(b).start || at(b).end - at(a).end || a - b)
  const ends: number[] = []
  const result = new Array<number>(intervals.length).fill(0)
  for (const i of order) {
    const free = ends.findIndex((end) => end <= at(i).start)
    const lane = free < 0 ? ends.length : free
    ends[lane] = at(i).end
    result[i] = lane
  }
  return result
}
