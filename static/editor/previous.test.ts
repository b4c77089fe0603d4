import { expect, it } from "vitest"

import type { AnnotationRecord } from "../live/contract"
import type { Label, OpenItem } from "./contract"
import { copiesOf } from "./previous"

const item = { kind: "image", width: 100, height: 80 } as OpenItem
const attributes = [{ id: "full", name: "Full", kind: "checkbox" }]
const labels = new Map([
  [1, { id: 1, name: "Cup", shapes: ["rectangle", "tag"], attributes, removed: false } as unknown as Label],
  [2, { id: 2, name: "Mug", shapes: ["rectangle"], attributes: [], removed: true } as unknown as Label],
])

function record(shape: AnnotationRecord["shape"], more: Partial<AnnotationRecord> = {}): AnnotationRecord {
  return { id: "a", label: 1, shape, attributes: {}, deleted: false, ...more } as AnnotationRecord
}

const box = (x: number, width = 10) => record({ type: "rectangle", x, y: 0, width, height: 10 })
const tag = record({ type: "tag" })

it("what fits is copied under new ids, with the attributes that its label still has", () => {
  const copies = copiesOf([{ ...box(5), attributes: { full: true, gone: "x" } }], item, labels, [])

  expect(copies).toMatchObject([{ type: "create", label: 1, shape: { x: 5 }, attributes: { full: true } }])
  expect(copies[0]?.annotation).not.toBe("a")
})

it.each([
  ["lies outside of this image", box(95)],
  ["has a label that was removed", { ...box(5), label: 2 }],
  ["has a shape that its label does not take", record({ type: "polygon", points: [] })],
  ["is a span", record({ type: "span", start: 0, end: 1, quote: "a" })],
  ["is deleted", { ...box(5), deleted: true }],
])("what %s is left out", (_, one) => {
  expect(copiesOf([one], item, labels, [])).toEqual([])
})

it("a tag that is there already is not set twice", () => {
  expect(copiesOf([tag], item, labels, [])).toHaveLength(1)
  expect(copiesOf([tag], item, labels, [tag])).toEqual([])
})
