import { describe, expect, it } from "vitest"

import type { Polygon, Rectangle } from "../../../live/messages.gen"
import { polygon } from "./polygon"
import { rectangle, spanning } from "./rectangle"

const image = { width: 100, height: 80 }
const box: Rectangle = { type: "rectangle", x: 20, y: 10, width: 40, height: 20 }
const triangle: Polygon = {
  type: "polygon",
  points: [
    [0, 0],
    [40, 0],
    [0, 30],
  ],
}

describe("a rectangle", () => {
  it("spans two points in any order and stays inside the image", () => {
    expect(spanning([60, 30], [20, 10], image)).toEqual(box)
    expect(spanning([20, 10], [500, -500], image)).toEqual({ type: "rectangle", x: 20, y: 0, width: 80, height: 10 })
  })

  it("becomes a square with Shift, as large as the image allows", () => {
    expect(spanning([20, 10], [50, 20], image, 1)).toMatchObject({ x: 20, y: 10, width: 30, height: 30 })
    expect(spanning([20, 10], [0, 500], image, 1)).toMatchObject({ x: 0, y: 10, width: 20, height: 20 })
  })

  it.each([
    ["nw", { x: 30, y: 15, width: 30, height: 15 }],
    ["n", { x: 20, y: 15, width: 40, height: 15 }],
    ["e", { x: 20, y: 10, width: 10, height: 20 }],
    ["se", { x: 20, y: 10, width: 10, height: 5 }],
    ["w", { x: 30, y: 10, width: 30, height: 20 }],
  ])("follows its handle %s and nothing else moves", (handle, expected) => {
    expect(rectangle.dragged(box, handle, [30, 15], false)).toMatchObject(expected)
  })

  it("turns over when a handle is dragged across, and never gets empty", () => {
    expect(rectangle.dragged(box, "e", [5, 0], false)).toMatchObject({ x: 5, width: 15 })
    expect(rectangle.dragged(box, "e", [20, 0], false)).toMatchObject({ x: 20, width: 1 })
  })

  it("keeps its ratio with Shift", () => {
    const { width, height } = rectangle.dragged(box, "se", [100, 25], true)
    expect([width, height]).toEqual([30, 15])
  })

  it("is measured from its edge, and is 0 away inside", () => {
    expect(rectangle.distance(box, [30, 20])).toBe(0)
    expect(rectangle.distance(box, [63, 34])).toBe(5)
  })

  it("has eight handles", () => {
    expect(rectangle.handles(box).map(({ key }) => key)).toEqual(["nw", "n", "ne", "e", "se", "s", "sw", "w"])
  })
})

describe("a polygon", () => {
  it("has its peak at its highest point, the leftmost of several", () => {
    expect(polygon.peak(triangle)).toBe(0)
    expect(polygon.peak(polygon.dragged(triangle, "v1", [40, -5], false))).toBe(40)
  })

  it("moves a vertex, and grows one from the middle of an edge", () => {
    expect(polygon.dragged(triangle, "v1", [50, 5], false).points).toEqual([
      [0, 0],
      [50, 5],
      [0, 30],
    ])
    expect(polygon.dragged(triangle, "m2", [-5, 15], false).points).toEqual([
      [0, 0],
      [40, 0],
      [0, 30],
      [-5, 15],
    ])
  })

  it("does without a vertex as long as three stay", () => {
    const square: Polygon = {
      type: "polygon",
      points: [
        [0, 0],
        [9, 0],
        [9, 9],
        [0, 9],
      ],
    }
    expect(polygon.without(square, "v1")?.points).toEqual([
      [0, 0],
      [9, 9],
      [0, 9],
    ])
    expect(polygon.without(triangle, "v1")).toBeNull()
  })

  it("says what is wrong with it", () => {
    expect(polygon.problem(triangle)).toBeNull()
    expect(
      polygon.problem({
        type: "polygon",
        points: [
          [0, 0],
          [1, 1],
        ],
      }),
    ).toMatch("three corners")
    expect(
      polygon.problem({
        type: "polygon",
        points: [
          [0, 0],
          [9, 9],
          [9, 0],
          [0, 9],
        ],
      }),
    ).toMatch("crosses itself")
  })

  it("is sent in hundredths of a pixel, without repeated corners", () => {
    const points: [number, number][] = [
      [0.001, 0],
      [0.004, 0],
      [10.126, 0],
      [0, 10],
    ]
    expect(polygon.rounded({ type: "polygon", points }).points).toEqual([
      [0, 0],
      [10.13, 0],
      [0, 10],
    ])
  })
})
