import { expect, test } from "vitest"

import { layoutOf, moved, rowOf, rowsInSight } from "./layout"

test("cards are as wide as they fit, two on a phone", () => {
  expect(layoutOf(1080, 100).columns).toBe(5)
  expect(layoutOf(366, 100).columns).toBe(2)
  expect(layoutOf(366, 101).rows).toBe(51)
})

test("only rows near the window are drawn", () => {
  const layout = { columns: 5, gap: 10, row: 200, rows: 20_000 }

  expect(rowsInSight(layout, 0, 800)).toEqual({ start: 0, end: 6 })
  expect(rowsInSight(layout, 100_000, 800)).toEqual({ start: 498, end: 506 })
  expect(rowsInSight(layout, 20_000 * 200, 800)).toEqual({ start: 19_998, end: 20_000 })
  expect(rowsInSight({ ...layout, rows: 0 }, 500, 800)).toEqual({ start: 0, end: 0 })
})

test("a row stays in its place on the page while one scrolls", () => {
  const rowsFrom = (start: number) => [0, 1, 2, 3].map((place) => rowOf(place, 4, start))

  expect(rowsFrom(0)).toEqual([0, 1, 2, 3])
  expect(rowsFrom(1)).toEqual([4, 1, 2, 3])
  expect(rowsFrom(6)).toEqual([8, 9, 6, 7])
})

test.each([
  ["ArrowRight", 0, 1],
  ["ArrowLeft", 0, 0],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 5, 7], // the last row has only two: 6 and 7
  ["ArrowDown", 7, 7],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 1, 1],
  ["ArrowRight", 7, 7],
  ["Home", 5, 0],
  ["End", 0, 7],
  ["PageDown", 1, 7],
  ["PageUp", 7, 1],
  ["x", 3, 3],
])("%s leads from card %i to card %i of eight in threes", (key, from, to) => {
  expect(moved(key, from, 8, 3, 2)).toBe(to)
})
