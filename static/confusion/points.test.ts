import { FixedSizeBinary, Table, tableToIPC, vectorFromArray } from "apache-arrow"
import { expect, test } from "vitest"

import { fogOf, HIGH, WIDE } from "./fog"
import { Kind, Points, thinned } from "./points"

/** Four things of three items, of two labels: right, wrong, seen by the model only, and by people only. */
function four(): Points {
  const ids = [1, 2, 3, 4].map((byte) => new Uint8Array(16).fill(byte))
  const table = new Table({
    ids: vectorFromArray(ids, new FixedSizeBinary(16)),
    items: vectorFromArray(Float64Array.of(10, 10, 20, 30)),
    truth: vectorFromArray(Int32Array.of(0, 0, 2, 1)),
    predicted: vectorFromArray(Int32Array.of(0, 1, 1, 2)),
    score: vectorFromArray(Float32Array.of(0.9, 0.8, 0.7, NaN)),
    entropy: vectorFromArray(Float32Array.of(0, 0.9, 0.5, 0)),
    authors: vectorFromArray(Int32Array.of(1, 1, 0, 2)),
    x: vectorFromArray(Float32Array.of(0, 1, 0, NaN)),
    y: vectorFromArray(Float32Array.of(0, 0, 1, NaN)),
  })
  return Points.read(tableToIPC(table, "stream"), 2)
}

const all = () => true

test("what people and the model say is counted, none last", () => {
  expect([...four().matrix(all)]).toEqual([1, 1, 0, 0, 0, 1, 0, 1, 0])
})

test("a row is right, wrong, missing or spurious", () => {
  const points = four()

  expect([0, 1, 2, 3].map((row) => points.kind(row))).toEqual([Kind.Agree, Kind.Differ, Kind.Missing, Kind.Spurious])
})

test("what has changed is counted anew, and what was before comes back", () => {
  const points = four()

  points.stand([10], [[points.id(1), 10, 1, 1, 0.8, 1]])
  expect([...points.matrix(all)]).toEqual([0, 0, 0, 0, 1, 1, 0, 1, 0])

  points.stand(
    [10],
    [
      [points.id(0), 10, 0, 0, 0.9, 0],
      [points.id(1), 10, 0, 1, 0.8, 1],
      ["f".repeat(32), 10, 1, 2, null, -1],
    ],
  )
  expect([...points.matrix(all)]).toEqual([1, 1, 0, 0, 0, 2, 0, 1, 0])
})

test("a loop takes what lies in it, and nothing without a place", () => {
  const points = four()
  const triangle = [
    [-0.5, -0.5],
    [2, -0.5],
    [-0.5, 0.5],
  ] as const

  expect(points.within(triangle, all)).toEqual([0])
  expect(points.within(triangle.slice(0, 2), all)).toEqual([])
  expect(
    points.within(
      [
        [-9, -9],
        [9, -9],
        [9, 9],
        [-9, 9],
      ],
      all,
    ),
  ).toEqual([0, 1, 2])
})

test("a thing is found by its id and item", () => {
  const points = four()

  expect(points.row("03".repeat(16), 20)).toBe(2)
  expect(points.row("03".repeat(16), 10)).toBe(-1)
})

test("fog is where the model is unsure, and nowhere where there is nothing", () => {
  const points = four()
  const { thickness, bounds } = fogOf(points)
  const at = (x: number, y: number) => {
    const column = Math.floor(((x - bounds.left) / (bounds.right - bounds.left)) * WIDE)
    return thickness[Math.floor(((bounds.top - y) / (bounds.top - bounds.bottom)) * HIGH) * WIDE + column]
  }

  expect(at(1, 0)).toBeGreaterThan(100)
  expect(at(0, 0)).toBe(0)
  expect(at(1, 1)).toBe(0)
})

test("a line keeps what is far enough apart", () => {
  const line = Array.from({ length: 100 }, (_, n) => [n / 10, 0] as const)

  expect(thinned(line, 1).length).toBe(10)
})
