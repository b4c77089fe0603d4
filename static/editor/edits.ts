/** What a person asks of the selection, as operations. Pure: records in, operations out. */

import type { AnnotationRecord, Operation } from "../live/contract"
import { uuid } from "../live/ids"
import type { Label, OpenItem } from "./contract"
import { kindOf, onImageOnly } from "./image/shapes"

export type Value = string | number | boolean | null

/** The annotations that take the label, and those whose shape it does not allow. */
export function relabel(records: readonly AnnotationRecord[], label: Label) {
  const fits = (record: AnnotationRecord) => label.shapes.includes(record.shape.type)
  const operations: Operation[] = records
    .filter((record) => fits(record) && record.label !== label.id)
    .map((record) => ({ type: "update", annotation: record.id, label: label.id }))
  return { operations, refused: records.filter((record) => !fits(record)) }
}

export function setAttribute(records: readonly AnnotationRecord[], id: string, value: Value): Operation[] {
  return records
    .filter((record) => (record.attributes[id] ?? null) !== value)
    .map((record) => ({ type: "update", annotation: record.id, attributes: { [id]: value } }))
}

export function remove(records: readonly AnnotationRecord[]): Operation[] {
  return records.map(removing)
}

/** What was suggested is turned down, or it would be suggested again. */
function removing({ id: annotation, prediction }: AnnotationRecord): Operation {
  return prediction ? { type: "reject", annotation, prediction } : { type: "delete", annotation }
}

/** A copy of each, a little beside it and inside the image; spans and tags have no beside. */
export function duplicate(records: readonly AnnotationRecord[], item: OpenItem, by = 12) {
  return records.flatMap((record) => {
    const original = onImageOnly(record.shape)
    if (!original) return []
    const { left, top, right, bottom } = kindOf(original).bounds(original)
    const dx = step(left, right, item.width ?? 0, by)
    const dy = step(top, bottom, item.height ?? 0, by)
    const shape = kindOf(original).moved(original, dx, dy)
    return [{ type: "create" as const, annotation: uuid(), label: record.label, shape, attributes: record.attributes }]
  })
}

/** The tag set on the item, or taken off it. */
export function toggleTag(records: Iterable<AnnotationRecord>, label: Label): Operation {
  for (const record of records) {
    if (record.shape.type === "tag" && record.label === label.id) return removing(record)
  }
  return { type: "create", annotation: uuid(), label: label.id, shape: { type: "tag" } }
}

/** Forward where there is room, else back, else not at all. */
function step(start: number, end: number, size: number, by: number): number {
  if (end + by <= size) return by
  return start - by >= 0 ? -by : 0
}
