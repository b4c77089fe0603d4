/** What is done to the selection, and taking it back. */

import { t } from "../../ui/strings"
import type { Action } from "."
import type { Editor } from "../editor.svelte"

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export function annotations(editor: Editor): Action[] {
  const chosen = () => editor.state.selection.size > 0
  const sheet = () => editor.sheet
  return [
    {
      id: "undo",
      title: t("Undo yours"),
      group: "annotations",
      icon: "undo",
      keys: ["Mod+Z"],
      repeats: true,
      offered: () => editor.writable,
      when: () => sheet()?.canUndo === true,
      run: () => sheet()?.session.undo(),
    },
    {
      id: "redo",
      title: t("Redo yours"),
      group: "annotations",
      icon: "redo",
      keys: ["Mod+Shift+Z", "Mod+Y"],
      repeats: true,
      offered: () => editor.writable,
      when: () => sheet()?.canRedo === true,
      run: () => sheet()?.session.redo(),
    },
    {
      id: "stepBack",
      title: t("Take back the last corner"),
      group: "annotations",
      keys: ["Backspace"],
      keyOnly: true,
      offered: () => editor.tools.includes("polygon"),
      when: () => !chosen(),
      run: () => editor.stage?.stepBack() || false,
    },
    {
      id: "delete",
      title: t("Delete"),
      group: "annotations",
      icon: "trash",
      keys: ["Delete", "Backspace"],
      offered: () => editor.writable,
      when: chosen,
      run: () => editor.stage?.stepBack() || editor.removeSelected(),
    },
    {
      id: "duplicate",
      title: t("Duplicate"),
      group: "annotations",
      icon: "copy",
      keys: ["Mod+D"],
      offered: () => editor.writable && editor.item?.kind === "image",
      when: chosen,
      run: () => editor.duplicateSelected(),
    },
    {
      id: "all",
      title: t("Select all"),
      group: "annotations",
      keys: ["Mod+A"],
      when: () => editor.placed > 0,
      run: () => editor.select(editor.ordered.map((record) => record.id)),
    },
    {
      id: "after",
      title: t("Next annotation"),
      group: "annotations",
      keys: ["Tab"],
      repeats: true,
      run: () => editor.selectBeside(1),
    },
    {
      id: "before",
      title: t("Previous annotation"),
      group: "annotations",
      keys: ["Shift+Tab"],
      repeats: true,
      run: () => editor.selectBeside(-1),
    },
    {
      id: "nudge",
      title: t("Move the selection (Shift: by ten), or a span's end (Shift: its start)"),
      group: "annotations",
      keys: Object.keys(ARROWS).flatMap((arrow) => [arrow, `Shift+${arrow}`]),
      repeats: true,
      keyOnly: true,
      offered: () => editor.writable,
      when: chosen,
      run: (key) => nudge(editor, key),
    },
  ]
}

function nudge(editor: Editor, key = ""): unknown {
  const shift = key.startsWith("Shift+")
  const [dx, dy] = ARROWS[key.replace("Shift+", "")] ?? [0, 0]
  const isText = editor.item?.kind === "text"
  if (isText && dy) return false
  const by = shift && !isText ? 10 : 1
  return editor.stage?.nudge(dx * by, dy * by, shift)
}
