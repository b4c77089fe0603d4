/** What is open beside the stage: the panel's tab, and one dialog. */

import { tick } from "svelte"

import type { LogEntry } from "./history"

export type DialogName =
  | "alike"
  | "palette"
  | "keys"
  | "guidelines"
  | "skip"
  | "return"
  | "tags"
  | "conflicts"
  | "aside"
  | "signIn"
  | "signOut"

export type Tab = "annotations" | "comments" | "history"

/** Those that are about no one item: they stay when another is opened. */
const LASTING: ReadonlySet<DialogName | null> = new Set<DialogName>(["conflicts", "aside", "signIn", "signOut"])
/** Those that lead away from the item. */
const LEAVING: ReadonlySet<DialogName | null> = new Set<DialogName>(["skip", "return"])

export class Panels {
  dialog = $state<DialogName | null>(null)
  tab = $state<Tab>("annotations")
  /** On a phone the panel is a sheet that comes up from below. */
  open = $state(false)
  /** The moment of the history that is about to be restored. */
  restoring = $state.raw<LogEntry | null>(null)

  /** `mustStay`: something is begun on the stage that leaving would throw away, and the person is told. */
  constructor(private readonly mustStay: () => boolean) {}

  show(dialog: DialogName | null): void {
    if (!LEAVING.has(dialog) || !this.mustStay()) this.dialog = dialog
  }

  /** Another item is opened. */
  leave(): void {
    this.restoring = null
    if (!LASTING.has(this.dialog)) this.dialog = null
  }

  showTab(tab: Tab): void {
    this.tab = tab
    this.open = true
  }

  /** A button of the phone's bar: it brings up its side of the panel, and pressed again it puts it away. */
  toggle(tab: "annotations" | "comments"): void {
    if (this.shows(tab)) this.open = false
    else this.showTab(tab)
  }

  shows(tab: "annotations" | "comments"): boolean {
    return this.open && (this.tab === "comments") === (tab === "comments")
  }

  /** On the one annotation that is selected, or on the item. */
  async comment(): Promise<void> {
    this.showTab("comments")
    await tick()
    document.getElementById("new-comment")?.focus()
  }
}
