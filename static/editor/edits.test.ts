import { describe, expect, it } from "vitest"

import type { AnnotationRecord } from "../live/contract"
import type { Label, OpenItem } from "./contract"
import { duplicate, relabel, remove, setAttribute, toggleTag } from "./edits"

const item = { kind: "image", width: 100, height: 80 } as OpenItem

function record(id: string, shape: AnnotationRecord["shape"], more: Partial<AnnotationRecord> = {}): AnnotationRecord {
  const at = "2026-01-01T00:00:00Z"
  const who = { created_by: 1, created_at: at, updated_by: 1, updated_at: at }
  return { id, label: 1, shape, attributes: {}, clock: 1, clocks: {}, deleted: false, ...who, ...more }
}

const box = (x: number, y: number, width = 10, height = 10) => ({ type: "rectangle" as const, x, y, width, height })

describe("a new label", () => {
  const flag = { id: 2, name: "Flag", shapes: ["polygon"] } as unknown as Label

  it("goes only to shapes it allows", () => {
    const polygon = record("p", { type: "polygon", points: [] })
    const { operations, refused } = relabel([record("r", box(0, 0)), polygon], flag)

    expect(operations).toEqual([{ type: "update", annotation: "p", label: 2 }])
    expect(refused.map(({ id }) => id)).toEqual(["r"])
  })

  it("is not written where it stands already", () => {
    expect(relabel([record("p", { type: "polygon", points: [] }, { label: 2 })], flag).operations).toEqual([])
  })
})

describe("an attribute", () => {
  it("is written only where it differs, one property of each annotation", () => {
    const records = [record("a", box(0, 0), { attributes: { occluded: "No" } }), record("b", box(0, 0))]

    expect(setAttribute(records, "occluded", "No")).toEqual([
      { type: "update", annotation: "b", attributes: { occluded: "No" } },
    ])
  })
})

describe("a copy", () => {
  it("lies a little beside and inside the image", () => {
    const [beside, corner] = duplicate([record("a", box(10, 10)), record("b", box(90, 70))], item, 12)

    expect(beside?.shape).toMatchObject({ x: 22, y: 22 })
    expect(corner?.shape).toMatchObject({ x: 78, y: 58 })
  })

  it("moves all corners of a polygon and keeps label and attributes", () => {
    const points: [number, number][] = [
      [0, 0],
      [10, 0],
      [0, 10],
    ]
    const [copy] = duplicate([record("a", { type: "polygon", points }, { label: 7, attributes: { x: 1 } })], item, 5)

    expect(copy).toMatchObject({ label: 7, attributes: { x: 1 }, shape: { points: [[5, 5], [15, 5], [5, 15]] } }) // prettier-ignore
    expect(copy?.annotation).not.toBe("a")
  })

  it("is not made of a span", () => {
    expect(duplicate([record("s", { type: "span", start: 0, end: 1, quote: "a" })], item)).toEqual([])
  })
})

describe("a tag", () => {
  const label = { id: 3 } as Label

  it("is set, and taken off when it is there", () => {
    expect(toggleTag([record("a", box(0, 0), { label: 3 })], label)).toMatchObject({ type: "create", label: 3 })
    expect(toggleTag([record("t", { type: "tag" }, { label: 3 })], label)).toEqual({ type: "delete", annotation: "t" })
  })

  it("that was suggested is rejected as it is taken off, or it would be suggested again", () => {
    const accepted = record("t", { type: "tag" }, { label: 3, prediction: "p" })

    const rejected = { type: "reject", annotation: "t", prediction: "p" }
    expect(toggleTag([accepted], label)).toEqual(rejected)
    expect(remove([accepted])).toEqual([rejected])
  })
})
