import fc from "fast-check"
import { expect, test } from "vitest"

import { lanes } from "./lanes"

test("what is apart shares a lane, what is inside gets the next", () => {
  const outer = { start: 0, end: 10 }
  const inner = { start: 2, end: 4 }
  const after = { start: 10, end: 12 }

  expect(lanes([inner, outer, after])).toEqual([1, 0, 0])
})

test("no two on one lane overlap, and there are no more lanes than overlap at one place", () => {
  const interval = fc
    .tuple(fc.nat(50), fc.integer({ min: 1, max: 20 }))
    .map(([start, n]) => ({ start, end: start + n }))
  fc.assert(
    fc.property(fc.array(interval), (intervals) => {
      const result = lanes(intervals)

      intervals.forEach((a, i) =>
        intervals.forEach((b, j) => {
          if (i < j && a.start < b.end && b.start < a.end) expect(result[i]).not.toBe(result[j])
        }),
      )
      const depth = (at: number): number => intervals.filter((a) => a.start <= at && at < a.end).length
      const deepest = Math.max(0, ...intervals.map((a) => depth(a.start)))
      expect(Math.max(-1, ...result) + 1).toBe(deepest)
    }),
  )
})
