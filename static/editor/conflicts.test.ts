import { expect, it } from "vitest"

import type { AnnotationRecord, Conflict } from "../live/contract"
import { choicesOf } from "./conflicts"
import type { Label } from "./contract"

const labels = new Map<number, Label>([
  [1, { id: 1, name: "Face", attributes: [{ id: "occluded", name: "Occluded", kind: "choice" }] } as unknown as Label],
  [2, { id: 2, name: "Flag", attributes: [] } as unknown as Label],
])
const theirs = {
  label: 1,
  shape: { type: "rectangle", x: 1.2, y: 2, width: 30, height: 40 },
  attributes: {},
  deleted: false,
} as unknown as AnnotationRecord

function conflict(mine: Conflict["mine"], record = theirs): Conflict {
  return { id: "c", annotation: "a", mine, theirs: record, keep: () => undefined }
}

it("both values of every property are told in words", () => {
  const shape = { type: "rectangle" as const, x: 10, y: 20, width: 5, height: 6 }
  const mine = { type: "update" as const, annotation: "a", label: 2, shape, attributes: { occluded: "No" } }

  expect(choicesOf(conflict(mine), labels)).toEqual([
    { property: "Label", mine: "Flag", theirs: "Face" },
    { property: "Place", mine: "5 × 6 at 10, 20", theirs: "30 × 40 at 1, 2" },
    { property: "Occluded", mine: "No", theirs: "not said" },
  ])
})

it("a deletion stands against what the other did", () => {
  const deleted = { ...theirs, deleted: true }

  expect(choicesOf(conflict({ type: "delete", annotation: "a" }), labels)[0]).toMatchObject({ mine: "deleted" })
  expect(choicesOf(conflict({ type: "update", annotation: "a", label: 2 }, deleted), labels)).toEqual([
    { property: "Label", mine: "Flag", theirs: "deleted" },
  ])
})
