/** What is labelled on the item before, copied onto this one: for photos of a series. */

import type { AnnotationRecord, Operation, Reading } from "../live/contract"
import { uuid } from "../live/ids"
import { get } from "../ui/api"
import { plural, t } from "../ui/strings"
import type { Label, OpenItem } from "./contract"
import type { Editor } from "./editor.svelte"
import { kindOf, onImageOnly } from "./image/shapes"
import { openItem } from "./prefetch"

export async function copyFromPrevious(editor: Editor): Promise<void> {
  const { item, sheet } = editor
  if (!item?.previous || !sheet) return
  const tell = (tone: "info" | "warn", text: string) => editor.toasts.show(tone, text)
  const found = await readPrevious(item.previous).catch((error: Error) => tell("warn", error.message))
  if (!found || editor.item?.id !== item.id) return
  const copies = copiesOf(found, item, editor.labels, [...sheet.records.values()])
  if (!copies.length) return tell("info", t("There is nothing on the previous item that fits this one."))
  sheet.session.apply(copies)
  tell(
    "info",
    plural(
      copies.length,
      "{n} annotation is copied from the previous item.",
      "{n} annotations are copied from the previous item.",
    ),
  )
}

async function readPrevious(id: number): Promise<AnnotationRecord[]> {
  const { sheet } = await openItem(id)
  return (await get<Reading>(`/api/sheets/${sheet}/annotations/`)).records
}

/** New annotations like these, where they fit: inside the image, with labels that are there, and no tag twice. */
export function copiesOf(
  records: readonly AnnotationRecord[],
  item: OpenItem,
  labels: ReadonlyMap<number, Label>,
  there: readonly AnnotationRecord[],
): Operation[] {
  const tags = new Set(there.filter(({ shape }) => shape.type === "tag").map(({ label }) => label))
  const fits = ({ label, shape, deleted }: AnnotationRecord) => {
    const known = labels.get(label)
    if (deleted || !known || known.removed || !known.shapes.includes(shape.type)) return false
    return shape.type === "tag" ? !tags.has(label) : isInside(shape, item)
  }
  return records.filter(fits).map(({ label, shape, attributes }) => {
    const known = new Set(labels.get(label)?.attributes.map(({ id }) => id))
    const kept = Object.fromEntries(Object.entries(attributes).filter(([id]) => known.has(id)))
    return { type: "create", annotation: uuid(), label, shape, attributes: kept }
  })
}

function isInside(shape: AnnotationRecord["shape"], { width, height }: OpenItem): boolean {
  const drawn = onImageOnly(shape)
  if (!drawn) return false
  const { left, top, right, bottom } = kindOf(drawn).bounds(drawn)
  return left >= 0 && top >= 0 && right <= (width ?? 0) && bottom <= (height ?? 0)
}
