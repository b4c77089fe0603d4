/** What is done to the items that are chosen, and how it is taken back. */

import { isAnswer, post, Refused } from "../ui/api"
import { once } from "../ui/once"
import { t } from "../ui/strings"
import type { Toasts } from "../ui/toasts.svelte"
import type { Deed, Done } from "./contract"
import { told } from "./words"

const LONG = 1000

export class Deeds {
  busy = $state(false)
  /** On how many items it is at work, when that takes long; else 0. */
  long = $state(0)
  /** Takes the last one back, if it can be. */
  undo: (() => void) | null = null
  #latest: Deed | null = null

  /** `done` is told that something was. */
  constructor(
    private readonly address: string,
    private readonly toasts: Toasts,
    private readonly done: (deed: Deed) => Promise<void>,
  ) {}

  async act(deed: Deed, items: readonly number[]): Promise<void> {
    this.busy = true
    this.#latest = deed
    const waiting = setTimeout(() => (this.long = items.length), LONG)
    try {
      const send = (id: string) => post<Done>(this.address, { ...deed, id, items })
      const answer = await once([this.address, deed, items], send)
      const { action, done, refused } = answer
      this.undo = deed.type === "undo" || !done.length ? null : () => void this.act({ type: "undo", action }, done)
      const takenBack = this.undo ? { title: t("Undo"), run: this.undo } : undefined
      this.toasts.show(refused.length ? "warn" : "info", told(deed, answer), takenBack)
      await this.done(deed)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const again = { title: t("Try again"), run: () => void this.act(deed, items) }
      this.toasts.show("bad", error.message, isAnswer(error) ? undefined : again)
    } finally {
      clearTimeout(waiting)
      if (this.#latest === deed) [this.long, this.busy] = [0, false] // or else another is at work
    }
  }
}
