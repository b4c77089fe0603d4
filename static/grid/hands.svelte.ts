/** What keys, mouse and fingers do on the grid: they lead through the cards and choose some. */

import { tick } from "svelte"

import { number, t } from "../ui/strings"
import type { Toasts } from "../ui/toasts.svelte"
import { MOST } from "./contract"
import type { Deeds } from "./deeds.svelte"
import type { Items } from "./items.svelte"
import { moved } from "./layout"
import type { Selection } from "./selection.svelte"
import type { Sight } from "./sight.svelte"

const TOP = 48 // the page's bar
const BUSY = "input:not([type=checkbox]), select, textarea, dialog, .menu[open]"

export class Hands {
  /** The card that the keyboard is at. */
  current = $state(0)
  /** What stays above the cards. */
  head: HTMLElement | undefined
  /** Whether the keys are told. */
  asked = $state(false)
  /** When a hand was last seen. */
  touched = 0

  /** `writes`: whether one may choose. */
  constructor(
    private readonly items: Items,
    private readonly sight: Sight,
    private readonly selection: Selection,
    private readonly deeds: Deeds,
    private readonly toasts: Toasts,
    private readonly writes: boolean,
  ) {}

  touch = (): void => {
    this.touched = performance.now()
  }

  async chooseAll(): Promise<void> {
    const cards = await this.items.between(0, Math.min(this.items.total - 1, MOST))
    this.#choose(cards.map(({ id }) => id))
  }

  onclick = (event: MouseEvent): void => {
    const index = placeOf(event.target)
    const card = index === null ? undefined : this.items.at(index)
    if (index === null || !card) return
    this.current = index
    if (!this.writes) return
    const byTouch = event instanceof PointerEvent && event.pointerType === "touch"
    const onBox = event.target instanceof HTMLInputElement
    if (event.shiftKey) {
      event.preventDefault()
      setTimeout(() => void this.#extend(index)) // once the checkbox is again as it was
    } else if (onBox) this.selection.toggle(card.id, index)
    else if (byTouch && this.selection.size && !(event.target as Element).closest(".pick")) {
      event.preventDefault() // a tap opens, until something is chosen
      this.selection.toggle(card.id, index)
    }
  }

  onpress = (target: EventTarget | null): void => {
    const index = placeOf(target)
    const card = index === null ? undefined : this.items.at(index)
    if (this.writes && card) this.selection.toggle(card.id, index ?? 0)
  }

  onkeydown = (event: KeyboardEvent): void => {
    this.current = placeOf(event.target) ?? this.current
    const { current, items, selection, sight, writes } = this
    const card = items.at(current)
    if (event.key === " " && writes && card) selection.toggle(card.id, current)
    else {
      const seen = Math.max(1, Math.floor((sight.height - TOP) / sight.layout.row) - 1)
      const to = moved(event.key, current, items.total, sight.layout.columns, seen)
      if (to === current && !/^(Arrow|Page)|^(Home|End)$/.test(event.key)) return
      if (event.altKey || event.ctrlKey || event.metaKey) return
      if (event.shiftKey && writes) {
        if (!selection.size) selection.from = current
        void this.#extend(to)
      }
      void this.#goTo(to)
    }
    event.preventDefault()
  }

  /** Keys that count wherever one is on the page, but for fields and dialogs. */
  onpagekey = (event: KeyboardEvent): void => {
    this.touch()
    if ((event.target as Element).closest(BUSY) || event.defaultPrevented) return
    const key = event.ctrlKey || event.metaKey ? `Control+${event.key.toLowerCase()}` : event.key
    if (key === "?") this.asked = true
    else if (key === "Escape") this.selection.clear()
    else if (key === "Control+a" && this.writes && this.items.total) void this.chooseAll()
    else if (key === "Control+z" && this.deeds.undo) this.deeds.undo()
    else if (key === "a" && this.#decides(event)) this.#decide("accept")
    else if (key === "x" && this.#decides(event)) this.#decide("reject")
    else return
    event.preventDefault()
  }

  #decides({ altKey, repeat }: KeyboardEvent): boolean {
    return !altKey && !repeat && !this.deeds.busy && this.selection.size > 0 && this.items.suggests
  }

  /** All that is suggested for what is chosen. */
  #decide(type: "accept" | "reject"): void {
    void this.deeds.act({ type }, [...this.selection.ids])
  }

  async #extend(to: number): Promise<void> {
    const { from } = this.selection
    const [first, last] = [Math.min(from, to), Math.max(from, to)]
    const cards = await this.items.between(first, Math.min(last, first + MOST))
    this.#choose(cards.map(({ id }) => id))
  }

  #choose(ids: readonly number[]): void {
    if (this.selection.choose(ids)) return
    const most = number(MOST)
    this.toasts.show("info", t("The first {most} are selected: more cannot be changed at once.", { most }))
  }

  async #goTo(index: number): Promise<void> {
    this.current = index
    const { head, items, sight } = this
    const { columns, row } = sight.layout
    const top = Math.floor(index / columns) * row - sight.above // of the row, in the window
    const bar = head && getComputedStyle(head).position === "sticky" ? head.clientHeight : 0
    if (top < TOP + bar) scrollBy({ top: top - TOP - bar - 4, behavior: "instant" })
    else if (top + row > sight.height) scrollBy({ top: top + row - sight.height + 8, behavior: "instant" })
    sight.look()
    await items.between(index, index)
    await tick()
    if (this.current !== index) return
    sight.board?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus({ preventScroll: true })
  }
}

function placeOf(target: EventTarget | null): number | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null
  return cell ? Number(cell.dataset.index) : null
}
