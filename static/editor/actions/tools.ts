/** Choosing a tool; finishing and giving up. */

import { t } from "../../ui/strings"
import type { Action } from "."
import type { Editor } from "../editor.svelte"

export function tools(editor: Editor): Action[] {
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
      run: () => editor.panels.show("tags"),
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
  if (editor.state.selection.size || editor.state.suggestion !== null) return editor.select([])
  if (tool !== "select") return editor.pickTool("select")
  return false
}
