/** From an item that is finished on to what waits next. */

import type { StatusName } from "../live/statuses"
import { t } from "../ui/strings"
import type { OpenItem } from "./contract"
import type { Editor } from "./editor.svelte"
import { toLabel, toReview, waits } from "./following"

const AGAIN = 5_000 // milliseconds

export class Leaving {
  /** The item that one leaves, while it is asked what comes next. */
  #left = $state<number | null>(null)
  /** The sheet, as it was opened, after which nothing was left. */
  #last = $state.raw<unknown>(null)

  constructor(private readonly editor: Editor) {}

  get busy(): boolean {
    return this.#left !== null && this.#left === this.editor.item?.id
  }

  /** Nothing waits any more, as far as one was told. */
  get over(): boolean {
    return this.#last !== null && this.#last === this.editor.sheet
  }

  /** For an effect: where nothing is left one is told by itself when something waits again. */
  watch(): (() => void) | undefined {
    if (!this.over) return
    const timer = setInterval(() => void this.#look(), AGAIN)
    return () => clearInterval(timer)
  }

  async #look(): Promise<void> {
    const { item, judges, live } = this.editor
    if (!item || document.hidden || live.link !== "open") return
    const last = this.#last
    if ((await waits(item, judges)) && this.#last === last) this.#last = null
  }

  /** One has just said how far the item is. */
  said(status: StatusName): void {
    const { item } = this.editor
    if (item) void this.#go(item, status === "accepted" || status === "returned", whatIsSaid(status, item.name))
  }

  /** It is finished, whoever has said so. */
  onward(): void {
    const { item, judges } = this.editor
    if (item && !this.busy) void this.#go(item, judges, "")
  }

  /** For a reviewer what waits to be judged, or else what waits to be labelled; offline it is the next item. */
  async #go(left: OpenItem, judged: boolean, said: string): Promise<void> {
    const { editor } = this
    this.#left = left.id
    this.#last = null
    const work = new Work()
    const ask = judged ? toReview : toLabel
    const next = await (editor.live.link === "open" ? ask(left) : left.next)
    work.end()
    if (this.#left === left.id) this.#left = null
    if (editor.item?.id !== left.id) return
    if (!next) this.#last = editor.sheet
    if (!next) return void this.#tell(said, judged ? t("Nothing else waits for review.") : NOTHING)
    if (work.begun)
      return void this.#tell(said, t("You went on with it, so it stays open."), { title: t("Next item"), id: next })
    void editor.open(next)
    if (said) this.#tell(said, "", { title: t("Back to it"), id: left.id })
  }

  #tell(said: string, more: string, to?: { title: string; id: number }): void {
    const action = to && { title: to.title, run: () => void this.editor.open(to.id) }
    this.editor.toasts.show("info", `${said} ${more}`.trim(), action)
  }
}

const NOTHING = t("Nothing else waits to be labelled.")

const PLACES = "[data-region=stage], [data-region=panel]"

/** Whether someone has gone on to work on the item since, with the mouse or by keys. */
class Work {
  begun = false
  readonly #heard = new AbortController()

  constructor() {
    const look = (event: Event): void => {
      const again = event instanceof KeyboardEvent && (event.key === "Enter" || event.repeat)
      this.begun ||= !again && event.target instanceof Element && event.target.closest(PLACES) !== null
    }
    for (const type of ["pointerdown", "keydown"])
      addEventListener(type, look, { capture: true, signal: this.#heard.signal })
  }

  end(): void {
    this.#heard.abort()
  }
}

function whatIsSaid(status: StatusName, name: string): string {
  if (status === "done") return t("{name} is done.", { name })
  if (status === "accepted") return t("{name} is accepted.", { name })
  return status === "skipped" ? t("{name} is skipped.", { name }) : t("{name} is sent back.", { name })
}
