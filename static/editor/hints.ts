/** What to do next, for whoever has not done it before. */

import { t } from "../ui/strings"
import { choseForNext } from "./drawn"
import type { Editor } from "./editor.svelte"

export function hintFor(editor: Editor): string {
  if (!editor.writable) return t("Only to look at")
  if (editor.state.following) return t("You follow someone. Esc or your own move stops it.")
  const { tool, awaitsCorner, label } = editor.state
  if (choseForNext(editor))
    return t("The next one is {label}. Choose it again to relabel the one just drawn, too.", { label: label!.name })
  if (awaitsCorner) return t("Now the opposite corner.")
  if (tool !== "select" && !editor.tools.includes(tool)) return t("No label can be drawn with this tool.")
  switch (`${editor.item?.kind} ${tool}`) {
    case "image select":
      return t("Click a shape to select it; drag it or its handles to change it.")
    case "image rectangle":
      return t("Drag on the photo to draw a box, or tap two corners.")
    case "image polygon":
      return t("Click corner after corner; Enter or a click on the first closes the polygon.")
    case "text select":
      return t("Click labelled words to select them. Select words, then choose a label.")
    case "text span":
      return t("Select words to label them.")
    default:
      return ""
  }
}
