/** Saying more of the selection: a key for each of the first nine attributes of its label. */

import { tick } from "svelte"

import type { AnnotationRecord } from "../../live/contract"
import { t } from "../../ui/strings"
import type { Action } from "."
import type { Attribute } from "../contract"
import type { Value } from "../edits"
import type { Editor } from "../editor.svelte"

/** While nothing is selected they are listed for the label that is drawn next. */
export function attributes(editor: Editor): Action[] {
  const label = editor.state.selection.size ? editor.selectedLabel : editor.state.label
  return (label?.attributes ?? []).slice(0, 9).map((attribute, index) => ({
    id: `attribute-${attribute.id}`,
    title: titleOf(attribute),
    group: "annotations",
    keys: [`Alt+${index + 1}`],
    offered: () => editor.writable,
    when: () => editor.state.selection.size > 0,
    run: () =>
      isTyped(attribute)
        ? void enter(editor, attribute)
        : editor.setAttribute(attribute.id, nextValue(attribute, editor.selected)),
  }))
}

/** A checkbox turns over; a choice goes on to its next option, and after the last to none. */
export function nextValue({ id, kind, options = [] }: Attribute, records: readonly AnnotationRecord[]): Value {
  const values = new Set(records.map((record) => record.attributes[id] ?? null))
  const value = values.size === 1 ? [...values][0]! : null
  return kind === "checkbox" ? value !== true : (options[options.indexOf(value as string) + 1] ?? null)
}

function isTyped({ kind }: Attribute): boolean {
  return kind === "number" || kind === "text"
}

function titleOf(attribute: Attribute): string {
  const { name, kind } = attribute
  if (isTyped(attribute)) return t("{name}: type it", { name })
  return kind === "checkbox" ? t("{name}: yes or no", { name }) : t("{name}: next option", { name })
}

async function enter(editor: Editor, { id }: Attribute): Promise<void> {
  editor.panels.open = true // on a phone
  await tick()
  document.querySelector<HTMLInputElement>(`[data-attribute="${CSS.escape(id)}"] input`)?.select()
}
