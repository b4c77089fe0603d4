/** Which rows are in sight, and how much of them is built: no frame may take longer than one sees. */

import { untrack } from "svelte"

import type { Items } from "./items.svelte"
import { layoutOf, rowOf, rowsInSight, SPARE } from "./layout"

const FAST = 2 // windows a second
const SETTLED = 100 // milliseconds after the last fast frame
const LATER = 300 // milliseconds until there are rows out of sight, too

export class Sight {
  board = $state<HTMLElement>()
  width = $state(0)
  height = $state(innerHeight)
  /** How far the first row is above the window's top. */
  above = $state(0)
  /** Faster than one can look at pictures. */
  #flying = $state(false)
  /** Rows get their cards one with each frame: after a leap none that was in sight still is. */
  #gradual = $state(false)
  /** How many rows have their pictures, and where it is gradual their cards. */
  #filled = $state(Infinity)
  /** At first only what is in sight is built, so that it shows sooner. */
  #spare = $state(0)

  layout = $derived.by(() => layoutOf(this.width, this.items.total))
  // These are written, not derived: what depends on them is looked at only when they are others, not with each pixel.
  #start = $state(0)
  /** The first row that is seen whole or in part; those from `#start` on are built. */
  #top = $state(0)
  /** Rows that leave on one side are used again on the other: making them anew takes longer than a frame. */
  places = $state(0)
  /** The first and the last card that are built. */
  first = $state(0)
  last = $state(-1)

  #looked = 0
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(readonly items: Items) {
    $effect.pre(() => this.#measure())
    $effect(() => {
      const later = setTimeout(() => this.#fillFrom(this.places, SPARE), LATER)
      return () => clearTimeout(later)
    })
    $effect(() => {
      if (this.board) untrack(this.look)
    })
    $effect(() => this.#fill())
  }

  /** The row that this place on the page shows. */
  row(place: number): number {
    return rowOf(place, this.places, this.#start)
  }

  hasCards(row: number): boolean {
    return !this.#gradual || this.hasPictures(row)
  }

  /** Those in sight have theirs first, from the top. */
  hasPictures(row: number): boolean {
    return (row - this.#top + this.places) % this.places < this.#filled
  }

  /** When it is told that one has scrolled, before what is due with the frame: rows that left are not filled. */
  look = (): void => {
    if (!this.board) return
    const now = performance.now()
    const [above, start] = [this.above, this.#start]
    this.above = -this.board.getBoundingClientRect().top
    this.#measure()
    const fast = Math.abs(this.above - above) > (FAST * this.height * (now - this.#looked)) / 1000
    this.#looked = now
    if (!fast) return
    this.#flying = true
    this.#filled = 0
    this.#gradual = Math.abs(this.#start - start) >= this.places
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => (this.#flying = false), SETTLED)
  }

  #measure(): void {
    const { above, height, items, layout } = this
    const spare = this.#spare
    const { start, end } = rowsInSight(layout, above, height, spare)
    this.#start = start
    this.#top = Math.max(start, Math.floor(above / layout.row))
    this.places = !this.width ? 0 : spare ? Math.ceil(height / layout.row) + 2 * spare + 1 : end - start
    this.first = start * layout.columns
    this.last = Math.min(items.total, end * layout.columns) - 1
  }

  #fillFrom(filled: number, spare: number): void {
    this.#gradual = true
    this.#filled = Math.min(this.#filled, filled)
    this.#spare = spare
  }

  /** One row more with the next frame, once its cards are here. */
  #fill(): (() => void) | undefined {
    if (this.#flying || this.#filled === Infinity) return
    if (this.#filled >= this.places) {
      this.#gradual = false
      this.#filled = Infinity
      return
    }
    const row = this.#start + ((this.#top - this.#start + this.#filled) % this.places)
    const index = row * this.layout.columns
    if (index < this.items.total && !this.items.at(index) && !this.items.failed) return
    const frame = requestAnimationFrame(() => (this.#filled += 1))
    return () => cancelAnimationFrame(frame)
  }
}
