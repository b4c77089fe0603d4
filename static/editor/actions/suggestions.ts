/** What is done with what models suggest. These come before the others: a suggestion that is selected takes their keys. */

import { plural, t } from "../../ui/strings"
import type { Action } from "."
import type { Editor } from "../editor.svelte"

export function suggestions(editor: Editor): Action[] {
  const { suggestions } = editor
  const some = () => suggestions.open.length > 0
  const selected = () => suggestions.current !== undefined
  const meant = () => suggestions.count > 0
  const current = () => [suggestions.current].filter((one) => one !== undefined)
  const offered = () => editor.writable
  const n = suggestions.count
  const { asking } = suggestions
  return [
    ...asking.backEnds.map((one, at): Action => ({
      id: `ask-${one.id}`,
      title: t("Ask {name}", { name: one.name }),
      group: "suggestions",
      icon: "sparkle",
      keys: at === 0 ? ["Shift+Q"] : [],
      offered,
      when: () => !asking.busy,
      run: () => asking.ask(one),
    })),
    {
      id: "accept_suggestion",
      title: t("Accept the suggestion"),
      group: "suggestions",
      icon: "check",
      keys: ["Enter"],
      offered,
      when: selected,
      run: () => editor.stage?.finish() || suggestions.accept(current()),
    },
    {
      id: "reject_suggestion",
      title: t("Reject the suggestion"),
      group: "suggestions",
      icon: "close",
      keys: ["Delete", "Backspace"],
      offered,
      when: selected,
      run: () => editor.stage?.stepBack() || suggestions.reject(current()),
    },
    {
      id: "next_suggestion",
      title: t("Next suggestion"),
      group: "suggestions",
      icon: "down",
      keys: ["Shift+N"],
      repeats: true,
      when: some,
      run: () => suggestions.selectBeside(1),
    },
    {
      id: "previous_suggestion",
      title: t("Previous suggestion"),
      group: "suggestions",
      icon: "up",
      keys: ["Shift+P"],
      repeats: true,
      when: some,
      run: () => suggestions.selectBeside(-1),
    },
    {
      id: "accept_suggestions",
      title: n ? plural(n, "Accept {n} suggestion", "Accept {n} suggestions") : t("Accept suggestions"),
      group: "suggestions",
      icon: "check",
      keys: ["Mod+Enter"],
      offered,
      when: meant,
      run: () => suggestions.accept(suggestions.meant),
    },
    {
      id: "reject_suggestions",
      title: n ? plural(n, "Reject {n} suggestion", "Reject {n} suggestions") : t("Reject suggestions"),
      group: "suggestions",
      icon: "close",
      keys: ["Mod+Delete", "Mod+Backspace"],
      offered,
      when: meant,
      run: () => suggestions.reject(suggestions.meant),
    },
  ]
}
