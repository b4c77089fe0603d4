import fc from "fast-check"
import { describe, expect, it } from "vitest"

import type { Point } from "../contract"
import { areaOf, boundsOf, crossesItself, distanceToSegment, insideRing, shiftWithin, withoutRepeats } from "./geometry"

const square: Point[] = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
]

describe("a ring", () => {
  it("knows its bounds, its area and what lies inside", () => {
    expect(boundsOf(square)).toEqual({ left: 0, top: 0, right: 10, bottom: 10 })
    expect(areaOf(square)).toBe(100)
    expect(insideRing([5, 5], square)).toBe(true)
    expect(insideRing([15, 5], square)).toBe(false)
  })

  it.each<[string, boolean, Point[]]>([
    ["a square", false, square],
    [
      "a bow tie",
      true,
      [
        [0, 0],
        [10, 10],
        [10, 0],
        [0, 10],
      ],
    ],
    [
      "a spike that turns straight back",
      true,
      [
        [0, 0],
        [10, 0],
        [5, 0],
        [5, 5],
      ],
    ],
    [
      "three corners on one line",
      true,
      [
        [0, 0],
        [5, 5],
        [10, 10],
      ],
    ],
    [
      "a corner that touches another edge",
      true,
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [5, 0],
        [0, 10],
      ],
    ],
    [
      "two loops that meet in one corner",
      true,
      [
        [0, 0],
        [4, 0],
        [2, 2],
        [4, 4],
        [0, 4],
        [2, 2],
      ],
    ],
    [
      "a dent",
      false,
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [5, 1],
        [0, 10],
      ],
    ],
    [
      "a corner in the middle of a straight side",
      false,
      [
        [0, 0],
        [5, 0],
        [10, 0],
        [10, 10],
      ],
    ],
  ])("says whether %s crosses itself: %s", (_name, crosses, ring) => {
    expect(crossesItself(ring)).toBe(crosses)
    expect(crossesItself(ring.toReversed())).toBe(crosses)
  })

  it("never crosses itself when its corners go round a point", () => {
    const around = fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 40 })
    fc.assert(
      fc.property(around, fc.integer({ min: 1, max: 500 }), (degrees, radius) => {
        const corners = degrees
          .toSorted((a, b) => a - b)
          .map((degree): Point => {
            const angle = (degree * Math.PI) / 180
            return [radius * Math.cos(angle), radius * Math.sin(angle)]
          })
        return !crossesItself(corners)
      }),
    )
  })

  it("loses corners that stand on their neighbour, the last and the first among them", () => {
    expect(
      withoutRepeats([
        [0, 0],
        [0, 0],
        [10, 0],
        [10, 10],
        [10, 10],
        [0, 0],
      ]),
    ).toEqual([
      [0, 0],
      [10, 0],
      [10, 10],
    ])
  })
})

describe("distances and shifts", () => {
  it("measures to the nearest point of a segment, its ends among them", () => {
    expect(distanceToSegment([5, 3], [0, 0], [10, 0])).toBe(3)
    expect(distanceToSegment([13, 4], [0, 0], [10, 0])).toBe(5)
    expect(distanceToSegment([3, 4], [0, 0], [0, 0])).toBe(5)
  })

  it("shifts bounds only as far as the image goes", () => {
    const bounds = { left: 10, top: 10, right: 30, bottom: 20 }
    expect(shiftWithin(bounds, -50, 5, { width: 100, height: 100 })).toEqual([-10, 5])
    expect(shiftWithin(bounds, 500, 500, { width: 100, height: 100 })).toEqual([70, 80])
  })
})
