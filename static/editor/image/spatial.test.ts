import fc from "fast-check"
import { expect, it } from "vitest"

import { overlap, type Bounds } from "./geometry"
import { SpatialIndex } from "./spatial"

const at = (left: number, top: number, size = 10): Bounds => ({ left, top, right: left + size, bottom: top + size })
const places = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 1200 })

it("finds what a search through everything finds, whatever was added and removed", () => {
  fc.assert(
    fc.property(places, places, fc.nat(1000), fc.nat(1000), (early, late, x, y) => {
      const index = new SpatialIndex<{ bounds: Bounds }>()
      const first = early.map(([left, top]) => ({ bounds: at(left, top) }))
      const then = late.map(([left, top]) => ({ bounds: at(left, top) }))
      index.reset(first)
      then.forEach((thing) => index.add(thing))
      const gone = new Set([...first, ...then].filter((_, place) => place % 3 === 0))
      gone.forEach((thing) => index.remove(thing))

      const area = at(x, y, 200)
      const found = new Set(index.search(area))

      const expected = [...first, ...then].filter((thing) => !gone.has(thing) && overlap(thing.bounds, area))
      expect(found).toEqual(new Set(expected))
    }),
    { numRuns: 50 },
  )
})
