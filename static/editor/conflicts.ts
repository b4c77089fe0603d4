/** Two values of one annotation, in words, so that a person can choose. */

import type { AnnotationRecord, Conflict, Operation } from "../live/contract"
import { t } from "../ui/strings"
import type { Label } from "./contract"
import type { Value } from "./edits"
import { kindOf, onImageOnly } from "./image/shapes"

type Labels = ReadonlyMap<number, Label>
type Shape = AnnotationRecord["shape"]

export interface Choice {
  property: string
  mine: string
  theirs: string
}

export function choicesOf({ mine, theirs }: Conflict, labels: Labels): Choice[] {
  const there = theirs.deleted ? t("deleted") : null
  if (mine.type === "delete")
    return [{ property: t("Annotation"), mine: t("deleted"), theirs: there ?? t("kept and changed") }]
  if (mine.type !== "update") return []
  return propertiesOf(mine, theirs, labels).map((choice) => ({ ...choice, theirs: there ?? choice.theirs }))
}

function propertiesOf(
  mine: Extract<Operation, { type: "update" }>,
  theirs: AnnotationRecord,
  labels: Labels,
): Choice[] {
  const choices: Choice[] = []
  const nameOf = (id: number) => labels.get(id)?.name ?? t("a removed label")
  if (mine.label !== undefined)
    choices.push({ property: t("Label"), mine: nameOf(mine.label), theirs: nameOf(theirs.label) })
  if (mine.shape) choices.push({ property: t("Place"), mine: place(mine.shape), theirs: place(theirs.shape) })
  const attributes = labels.get(theirs.label)?.attributes ?? []
  for (const [id, value] of Object.entries(mine.attributes ?? {})) {
    const property = attributes.find((attribute) => attribute.id === id)?.name ?? id
    choices.push({ property, mine: said(value), theirs: said(theirs.attributes[id] ?? null) })
  }
  return choices
}

function place(shape: Shape): string {
  if (shape.type === "span") return `“${shape.quote}”`
  const drawn = onImageOnly(shape)
  if (!drawn) return t("on the item")
  const { left, top, right, bottom } = kindOf(drawn).bounds(drawn)
  const size = `${Math.round(right - left)} × ${Math.round(bottom - top)}`
  const corners = shape.type === "polygon" ? t(", {n} corners", { n: shape.points.length }) : ""
  return `${size} ${t("at")} ${Math.round(left)}, ${Math.round(top)}${corners}`
}

function said(value: Value): string {
  if (value === null) return t("not said")
  if (typeof value === "boolean") return value ? t("Yes") : t("No")
  return String(value)
}
