/** Moving an end of a span, by its handle or by keys. The others see it move; it is sent when it is let go. */

import type { Id, SheetSession } from "../../live/contract"
import { ceil, floor, next, previous, tidy } from "./clusters"
import type { Drawn } from "./drawn.svelte"
import type { Interval } from "./lanes"
import type { Offsets } from "./offsets"
import type { Places } from "./places"

export type Side = "start" | "end"

const PAUSE = 600 // milliseconds after the last key until the new end is sent

export class Adjusting {
  /** A handle is held; meanwhile it must not lie between the pointer and the text. */
  grabbed = $state(false)
  current = $state.raw<(Interval & { id: Id }) | null>(null)
  private timer = 0
  private stopListening = (): void => undefined

  constructor(
    private readonly session: SheetSession,
    private readonly offsets: Offsets,
    private readonly drawn: Drawn,
    private readonly places: Places,
  ) {}

  get #text(): string {
    return this.offsets.text
  }

  /** A handle is dragged: its end goes to the character under the pointer. */
  grab(event: PointerEvent, id: Id, side: Side): void {
    if (event.button !== 0) return
    event.preventDefault()
    this.begin(id)
    this.grabbed = true
    const over = new AbortController()
    const { signal } = over
    const stop = (): void => {
      over.abort()
      this.grabbed = false
    }
    const move = ({ clientX, clientY }: PointerEvent): void => {
      if (!this.current) return stop()
      const unit = this.places.unitUnder(clientX, clientY)
      if (unit !== null) this.move(side, side === "start" ? floor(this.#text, unit) : ceil(this.#text, unit))
    }
    window.addEventListener("pointermove", move, { signal })
    window.addEventListener("pointerup", () => (stop(), this.commit()), { signal })
    window.addEventListener("pointercancel", () => (stop(), this.cancel()), { signal })
  }

  begin(id: Id): void {
    if (this.current?.id === id) return
    this.commit()
    const span = this.drawn.get(id)
    if (!span) return
    this.session.hold(id)
    this.current = { id, start: span.start, end: span.end }
  }

  /** Moves an end to a unit; a span keeps at least one character. */
  move(side: Side, unit: number): void {
    if (!this.current) return
    const { id, start, end } = this.current
    const moved =
      side === "start"
        ? { id, start: Math.min(unit, previous(this.#text, end)), end }
        : { id, start, end: Math.max(unit, next(this.#text, start)) }
    this.current = moved
    this.drawn.drag(moved)
  }

  /** Moves an end by characters, and sends it when the keys rest or something else is done. */
  step(id: Id, side: Side, count: number): void {
    this.begin(id)
    if (!this.current) return
    this.listenForMore()
    let unit = this.current[side]
    for (let i = 0; i < Math.abs(count); i++) unit = count > 0 ? next(this.#text, unit) : previous(this.#text, unit)
    this.move(side, unit)
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.commit(), PAUSE)
  }

  private listenForMore(): void {
    if (this.timer) return
    const over = new AbortController()
    this.stopListening = () => over.abort()
    const options = { signal: over.signal, capture: true }
    const other = ({ key }: KeyboardEvent): boolean => !key.startsWith("Arrow") && key !== "Shift" && key !== "Escape"
    window.addEventListener("keydown", (event) => other(event) && this.commit(), options)
    window.addEventListener("pointerdown", () => this.commit(), options)
    window.addEventListener("pagehide", () => this.commit(), options)
  }

  /** Sends the new ends; true when an end was being moved. */
  commit(): boolean {
    const ends = this.current
    const shape = ends && this.session.records.get(ends.id)?.shape
    const words = ends && tidy(this.#text, ends.start, ends.end)
    if (ends && words && shape?.type === "span") {
      const start = this.offsets.toPoints(words.start)
      const end = this.offsets.toPoints(words.end)
      const quote = this.#text.slice(words.start, words.end)
      const changed = start !== shape.start || end !== shape.end
      if (changed)
        this.session.apply([{ type: "update", annotation: ends.id, shape: { type: "span", start, end, quote } }])
    }
    return this.cancel()
  }

  /** Lets go without a change; true when an end was being moved. */
  cancel(): boolean {
    clearTimeout(this.timer)
    this.timer = 0
    this.stopListening()
    if (!this.current) return false
    const { id } = this.current
    this.current = null
    this.drawn.drag(null)
    this.session.release(id)
    return true
  }
}
