/** Everything a person can do in the editor, as records: buttons, keys, the `?` sheet and the palette come from here. */

import { t } from "../ui/strings"
import type { IconName } from "../ui/icons"
import type { Editor } from "./editor.svelte"
import { REVIEWER } from "./editor.svelte"
import { namesOf, type KeyPress } from "./keys"
import { focusNextRegion } from "./regions"
import { otherTheme, setTheme } from "../ui/theme"

export type Group = "tools" | "annotations" | "item" | "view" | "labels" | "people"

export interface Action {
  id: string
  title: string
  group: Group
  icon?: IconName
  color?: string
  /** As `namesOf` names them. */
  keys: readonly string[]
  /** Is it for this item and this person? Otherwise it is not shown. */
  offered?: () => boolean
  /** May it run now? Otherwise its button is disabled and its keys do nothing. */
  when?: () => boolean
  /** `false`: it had no use for the key, and the browser may have it. */
  run: (key?: string) => unknown
  /** Means something only as a key, so the palette leaves it out. */
  keyOnly?: boolean
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The letters and digits of the actions below; a label's hotkey gives way to them (test: no more, no fewer). */
export const RESERVED_KEYS: ReadonlySet<string> = new Set("DFGHJKPRSTV0?+=-")

export function mayRun(action: Action): boolean {
  return isOffered(action) && action.when?.() !== false
}

export function isOffered(action: Action): boolean {
  return action.offered?.() !== false
}

export function actionsOf(editor: Editor): Action[] {
  return [
    ...tools(editor),
    ...annotations(editor),
    ...item(editor),
    ...view(editor),
    ...labels(editor),
    ...people(editor),
  ]
}

/** The action a key press means: the first that may run, by what is printed on the key before where the key is. */
export function actionFor(actions: readonly Action[], event: KeyPress): { action: Action; key: string } | null {
  for (const key of namesOf(event)) {
    const action = actions.find((action) => action.keys.includes(key) && mayRun(action))
    if (action) return { action, key }
  }
  return null
}

function tools(editor: Editor): Action[] {
  const { state } = editor
  const offered = (tool: "rectangle" | "polygon" | "span") => () => editor.writable && editor.tools.includes(tool)
  return [
    {
      id: "select",
      title: t("Select"),
      group: "tools",
      icon: "select",
      keys: ["V"],
      offered: () => editor.writable,
      run: () => editor.pickTool("select"),
    },
    {
      id: "rectangle",
      title: t("Rectangle"),
      group: "tools",
      icon: "rectangle",
      keys: ["R"],
      offered: offered("rectangle"),
      run: () => editor.pickTool("rectangle"),
    },
    {
      id: "polygon",
      title: t("Polygon"),
      group: "tools",
      icon: "polygon",
      keys: ["P"],
      offered: offered("polygon"),
      run: () => editor.pickTool("polygon"),
    },
    {
      id: "span",
      title: t("Label words"),
      group: "tools",
      icon: "span",
      keys: ["S"],
      offered: offered("span"),
      run: () => editor.pickTool("span"),
    },
    {
      id: "tags",
      title: t("Tags of the item"),
      group: "tools",
      icon: "tag",
      keys: ["T"],
      offered: () => editor.writable && editor.tagLabels.length > 0,
      run: () => editor.show("tags"),
    },
    {
      id: "finish",
      title: t("Finish the shape; done when none is begun"),
      group: "tools",
      keys: ["Enter"],
      keyOnly: true,
      offered: () => editor.writable,
      run: () => editor.stage?.finish() || editor.finishItem(),
    },
    {
      id: "escape",
      title: t("Give up, let go, stop following"),
      group: "tools",
      keys: ["Escape"],
      keyOnly: true,
      run: () => letGo(editor, state.tool),
    },
  ]
}

/** One step back to rest: the unfinished shape, following, the selection, the tool. */
function letGo(editor: Editor, tool: string): unknown {
  if (editor.stage?.cancel()) return
  if (editor.state.following) return editor.follow(null)
  if (editor.state.selection.size) return editor.select([])
  if (tool !== "select") return editor.pickTool("select")
  return false
}

function annotations(editor: Editor): Action[] {
  const chosen = () => editor.state.selection.size > 0
  const sheet = () => editor.sheet
  return [
    {
      id: "undo",
      title: t("Undo yours"),
      group: "annotations",
      icon: "undo",
      keys: ["Mod+Z"],
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
      offered: () => editor.writable,
      when: () => sheet()?.canRedo === true,
      run: () => sheet()?.session.redo(),
    },
    {
      id: "delete",
      title: t("Delete"),
      group: "annotations",
      icon: "trash",
      keys: ["Delete", "Backspace"],
      offered: () => editor.writable,
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
      when: () => editor.ordered.length > 0,
      run: () => editor.select(editor.ordered.map((record) => record.id)),
    },
    {
      id: "after",
      title: t("Next annotation"),
      group: "annotations",
      keys: ["Tab"],
      run: () => editor.selectBeside(1),
    },
    {
      id: "before",
      title: t("Previous annotation"),
      group: "annotations",
      keys: ["Shift+Tab"],
      run: () => editor.selectBeside(-1),
    },
    {
      id: "nudge",
      title: t("Move the selection (Shift: by ten), or a span's end (Shift: its start)"),
      group: "annotations",
      keys: Object.keys(ARROWS).flatMap((arrow) => [arrow, `Shift+${arrow}`]),
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

function item(editor: Editor): Action[] {
  const resting = () => editor.state.selection.size === 0
  const arrow = (key?: string) => (key?.startsWith("Arrow") && !resting() ? false : undefined)
  const open = () => editor.sheet?.status !== "done" && editor.sheet?.status !== "skipped"
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
      id: "skip",
      title: t("Skip, with a reason"),
      group: "item",
      icon: "skip",
      keys: ["Shift+D"],
      offered: () => editor.writable,
      when: open,
      run: () => editor.show("skip"),
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
      id: "guidelines",
      title: t("Guidelines"),
      group: "item",
      icon: "book",
      keys: ["G"],
      run: () => editor.show("guidelines"),
    },
  ]
}

function view(editor: Editor): Action[] {
  const onStage = () => editor.stage !== null
  return [
    {
      id: "zoomIn",
      title: t("Zoom in"),
      group: "view",
      icon: "plus",
      keys: ["+", "="],
      when: onStage,
      run: () => editor.stage?.zoomBy(1.25),
    },
    {
      id: "zoomOut",
      title: t("Zoom out"),
      group: "view",
      icon: "minus",
      keys: ["-"],
      when: onStage,
      run: () => editor.stage?.zoomBy(0.8),
    },
    {
      id: "fit",
      title: t("Fit"),
      group: "view",
      icon: "fit",
      keys: ["F"],
      when: onStage,
      run: () => editor.stage?.fit(),
    },
    {
      id: "actual",
      title: t("Actual size"),
      group: "view",
      keys: ["0"],
      when: onStage,
      run: () => editor.stage?.zoomBy(1 / editor.stage.zoom),
    },
    {
      id: "history",
      title: t("History"),
      group: "view",
      icon: "history",
      keys: ["H"],
      run: () => editor.showTab(editor.tab === "history" ? "annotations" : "history"),
    },
    {
      id: "palette",
      title: t("All actions"),
      group: "view",
      icon: "command",
      keys: ["Mod+K"],
      keyOnly: true,
      run: () => editor.show("palette"),
    },
    { id: "keys", title: t("Keys"), group: "view", icon: "help", keys: ["?"], run: () => editor.show("keys") },
    {
      id: "regions",
      title: t("To the next part of the page"),
      group: "view",
      keys: ["F6"],
      keyOnly: true,
      run: focusNextRegion,
    },
    {
      id: "theme",
      title: otherTheme() === "dark" ? t("Dark theme") : t("Light theme"),
      group: "view",
      icon: "theme",
      keys: [],
      run: () => setTheme(otherTheme()),
    },
  ]
}

function labels(editor: Editor): Action[] {
  return editor.usable.map((label) => {
    const key = editor.labelKeys.get(label.id)
    const title = editor.draws(label) ? t("Label {name}", { name: label.name }) : t("Tag {name}", { name: label.name })
    const run = () => editor.pickLabel(label)
    return {
      id: `label-${label.id}`,
      title,
      group: "labels",
      color: label.color,
      keys: key ? [key] : [],
      offered: () => editor.writable,
      run,
    }
  })
}

function people(editor: Editor): Action[] {
  return editor.others.map(({ connection, name, color }) => {
    const title = t("Follow {name}", { name })
    return {
      id: `follow-${connection}`,
      title,
      group: "people",
      color,
      icon: "eye",
      keys: [],
      run: () => editor.follow(connection),
    }
  })
}
