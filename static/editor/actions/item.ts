/** Going from item to item, and saying how far each is. */

import { t } from "../../ui/strings"
import type { Action } from "."
import type { Editor } from "../editor.svelte"
import { copyFromPrevious } from "../previous"
import { REVIEWER } from "../../live/roles"

export function item(editor: Editor): Action[] {
  const resting = () => editor.state.selection.size === 0
  const arrow = (key?: string) => (key?.startsWith("Arrow") && !resting() ? false : undefined)
  const open = () => !editor.finished
  return [
    {
      id: "next",
      title: t("Next item"),
      group: "item",
      icon: "down",
      keys: ["J", "ArrowRight"],
      when: () => editor.item?.next != null,
      run: (key) => arrow(key) ?? editor.goNext(),
    },
    {
      id: "previous",
      title: t("Previous item"),
      group: "item",
      icon: "up",
      keys: ["K", "ArrowLeft"],
      when: () => editor.item?.previous != null,
      run: (key) => arrow(key) ?? editor.goPrevious(),
    },
    {
      id: "done",
      title: t("Done"),
      group: "item",
      icon: "check",
      keys: ["D"],
      offered: () => editor.writable,
      when: open,
      run: () => editor.setStatus("done"),
    },
    {
      id: "onward",
      title: onward(editor),
      group: "item",
      icon: "down",
      keys: [],
      offered: () => editor.goesOn,
      when: () => !editor.leaving.over,
      run: () => editor.goOn(),
    },
    {
      id: "skip",
      title: t("Skip, with a reason"),
      group: "item",
      icon: "skip",
      keys: ["Shift+D"],
      offered: () => editor.writable,
      when: open,
      run: () => editor.panels.show("skip"),
    },
    {
      id: "accept",
      title: t("Accept"),
      group: "item",
      icon: "accept",
      keys: ["Shift+A"],
      offered: () => editor.role >= REVIEWER,
      when: () => editor.sheet?.known === true && editor.sheet.status !== "accepted",
      run: () => editor.setStatus("accepted"),
    },
    {
      id: "return",
      title: t("Send back, with a reason"),
      group: "item",
      icon: "undo",
      keys: ["Shift+B"],
      offered: () => editor.role >= REVIEWER,
      when: () => editor.finished,
      run: () => editor.panels.show("return"),
    },
    {
      id: "reopen",
      title: t("Reopen"),
      group: "item",
      icon: "reopen",
      keys: [],
      offered: () => editor.role >= REVIEWER,
      when: () => !open(),
      run: () => editor.setStatus("in_progress"),
    },
    {
      id: "unsure",
      title: t("Unsure: another should look"),
      group: "item",
      icon: "flag",
      keys: ["Shift+U"],
      offered: () => editor.writable,
      when: () => editor.sheet?.known === true,
      run: () => editor.sheet?.session.setUnsure(!editor.sheet.unsure),
    },
    {
      id: "copy_previous",
      title: t("Copy from the previous item"),
      group: "item",
      icon: "copy",
      keys: ["Shift+K"],
      offered: () => editor.writable,
      when: () => editor.item?.previous != null && editor.sheet?.known === true,
      run: () => void copyFromPrevious(editor),
    },
    {
      id: "alike",
      title: t("More like this"),
      group: "item",
      icon: "search",
      keys: ["Shift+L"],
      when: () => editor.item != null,
      run: () => editor.panels.show("alike"),
    },
    {
      id: "guidelines",
      title: t("Guidelines"),
      group: "item",
      icon: "book",
      keys: ["G"],
      run: () => editor.panels.show("guidelines"),
    },
  ]
}

function onward({ leaving, judges }: Editor): string {
  if (leaving.busy) return t("Going on…")
  if (leaving.over) return judges ? t("Nothing left to review") : t("Nothing left to label")
  return judges ? t("Next to review") : t("Next to label")
}
