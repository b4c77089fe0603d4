import { expect, test } from "vitest"

import { paths, pieces } from "./marks"

test("outlines of one colour become one path", () => {
  const found = paths([
    { color: "red", ring: [0, 0, 4, 0, 4, 2.5] },
    { color: "blue", ring: [1, 1, 2, 2, 3, 1] },
    { color: "red", ring: [5, 5, 6, 6, 7, 5] },
  ])

  expect(found).toEqual([
    { color: "red", d: "M0 0L4 0L4 2.5ZM5 5L6 6L7 5Z" },
    { color: "blue", d: "M1 1L2 2L3 1Z" },
  ])
})

test("spans are counted in code points and show the shortest where they overlap", () => {
  const found = pieces("👋 big kettle", [
    { color: "red", start: 2, end: 12 },
    { color: "blue", start: 6, end: 12 },
  ])

  expect(found).toEqual([
    { text: "👋 ", color: null },
    { text: "big ", color: "red" },
    { text: "kettle", color: "blue" },
  ])
})

test("what is suggested is told apart from what is said", () => {
  const found = pieces("big kettle", [{ color: "red", start: 0, end: 3 }], [{ color: "blue", start: 4, end: 10 }])

  expect(found).toEqual([
    { text: "big", color: "red" },
    { text: " ", color: null },
    { text: "kettle", color: "blue", proposed: true },
  ])
})

test("a text without spans is one piece, and an empty one none", () => {
  expect(pieces("words", [])).toEqual([{ text: "words", color: null }])
  expect(pieces("", [])).toEqual([])
})
