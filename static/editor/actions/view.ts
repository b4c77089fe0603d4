/** What is seen: zoom, panels, dialogs, the theme. */

import { t } from "../../ui/strings"
import { otherTheme, setTheme } from "../../ui/theme"
import type { Action } from "."
import type { Editor } from "../editor.svelte"
import { focusNextRegion } from "../regions"

export function view(editor: Editor): Action[] {
  const onStage = () => editor.stage !== null
  return [
    {
      id: "zoomIn",
      title: t("Zoom in"),
      group: "view",
      icon: "plus",
      keys: ["+", "="],
      repeats: true,
      when: onStage,
      run: () => editor.stage?.zoomBy(1.25),
    },
    {
      id: "zoomOut",
      title: t("Zoom out"),
      group: "view",
      icon: "minus",
      keys: ["-"],
      repeats: true,
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
      id: "comment",
      title: t("Comment"),
      group: "view",
      icon: "comment",
      keys: ["Mod+Alt+M"],
      run: () => editor.panels.comment(),
    },
    {
      id: "history",
      title: t("History"),
      group: "view",
      icon: "history",
      keys: ["H"],
      run: () => editor.panels.showTab(editor.panels.tab === "history" ? "annotations" : "history"),
    },
    {
      id: "palette",
      title: t("All actions"),
      group: "view",
      icon: "command",
      keys: ["Mod+K"],
      keyOnly: true,
      run: () => editor.panels.show("palette"),
    },
    { id: "keys", title: t("Keys"), group: "view", icon: "help", keys: ["?"], run: () => editor.panels.show("keys") },
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
      get title() {
        return otherTheme() === "dark" ? t("Dark theme") : t("Light theme")
      },
      group: "view",
      icon: "theme",
      keys: [],
      run: () => setTheme(otherTheme()),
    },
  ]
}
