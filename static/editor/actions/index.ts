/** Everything a person can do in the editor, as records: buttons, keys, the `?` sheet and the palette come from here. */

import type { IconName } from "../../ui/icons"
import { t } from "../../ui/strings"
import type { Editor } from "../editor.svelte"
import { namesOf, type KeyPress } from "../keys"
import { annotations } from "./annotations"
import { attributes } from "./attributes"
import { item } from "./item"
import { suggestions } from "./suggestions"
import { tools } from "./tools"
import { view } from "./view"

export type Group = "tools" | "suggestions" | "annotations" | "item" | "view" | "labels" | "people"

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
  /** Does a key held down do it again and again? */
  repeats?: boolean
}

export function mayRun(action: Action): boolean {
  return isOffered(action) && action.when?.() !== false
}

export function isOffered(action: Action): boolean {
  return action.offered?.() !== false
}

export function actionsOf(editor: Editor): Action[] {
  return [
    ...suggestions(editor),
    ...tools(editor),
    ...annotations(editor),
    ...attributes(editor),
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
