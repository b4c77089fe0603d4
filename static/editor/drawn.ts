/**
 * What was just drawn is selected, and yet a label that is chosen then is the next shape's: who draws one after the
 * other chooses it before. Chosen again, it is that of the one just drawn, too.
 */

import type { Label } from "./contract"
import type { Editor } from "./editor.svelte"

function justDrawn({ sheet, state }: Editor) {
  return state.drawn && state.tool !== "select" ? sheet?.records.get(state.drawn) : undefined
}

export function isForNext(editor: Editor, label: Label): boolean {
  return justDrawn(editor) !== undefined && editor.state.label?.id !== label.id
}

/** A label other than that of the shape just drawn was chosen. */
export function choseForNext(editor: Editor): boolean {
  const drawn = justDrawn(editor)
  return drawn !== undefined && editor.state.label !== null && drawn.label !== editor.state.label.id
}
