import { expect, test } from "vitest"

import { covers, LABEL, layOut, UNDERLINE, type Measured } from "./drawing"

/** A span on lines 20 pixels high and 50 apart, characters 10 pixels wide, 20 a line. */
function lay(start: number, end: number, label = 60, rightToLeft = false): Measured {
  const boxes = []
  for (let line = Math.floor(start / 20); line * 20 < end; line++) {
    const left = Math.max(start - line * 20, 0) * 10
    boxes.push({ left, top: line * 50, width: Math.min(end - line * 20, 20) * 10 - left, height: 20 })
  }
  return { span: { id: `${start}-${end}`, start, end, label: undefined, score: null }, boxes, label, rightToLeft }
}

test("labels stand under the start of their span, and level with their neighbours unless they would cover each other", () => {
  const { marks, depth } = layOut([lay(0, 10), lay(4, 6), lay(15, 17)], 300)

  expect(marks.map((mark) => mark.lane)).toEqual([0, 1, 0])
  expect(marks.map((mark) => mark.label?.left)).toEqual([0, 40, 150])
  expect(marks.map((mark) => mark.label?.top)).toEqual([
    22 + 2 * UNDERLINE,
    22 + 2 * UNDERLINE + LABEL,
    22 + 2 * UNDERLINE,
  ])
  expect(depth).toBe(2 * UNDERLINE + 2 * LABEL)
})

test("a label stays inside the page, and starts at the right where the text does", () => {
  const { marks } = layOut([lay(18, 19), lay(5, 9, 30, true)], 200)

  expect(marks.map((mark) => mark.label?.left)).toEqual([140, 60])
})

test("a span over two lines has one label, on its first", () => {
  const [mark] = layOut([lay(18, 23)], 200).marks

  expect(mark?.boxes.length).toBe(2)
  expect(mark?.label?.top).toBe(22 + UNDERLINE)
})

test("a point is on a mark down to its underline", () => {
  const [mark] = layOut([lay(2, 4)], 200).marks

  expect(mark && covers(mark, 25, 10)).toBe(true)
  expect(mark && covers(mark, 25, 24)).toBe(true)
  expect(mark && covers(mark, 25, 40)).toBe(false)
  expect(mark && covers(mark, 45, 10)).toBe(false)
})
