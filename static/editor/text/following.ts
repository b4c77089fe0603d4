/** Brings places of the text into the scrolled window, and keeps up with the person who is followed. */

import type { Peer } from "../../live/contract"
import type { Drawn } from "./drawn.svelte"
import type { Offsets } from "./offsets"
import type { Places } from "./places"

const MARGIN = 80 // pixels kept between a place and the window's edges
const SETTLED = 3 // looks at most: blocks that come near take their true height only then

export class Scroll {
  private frame = 0
  private followed = ""

  constructor(
    private readonly scroller: HTMLElement,
    private readonly places: Places,
    private readonly offsets: Offsets,
    private readonly drawn: Drawn,
  ) {}

  /** Scrolls, if need be, until the unit is in the window. */
  show(unit: number, looks = SETTLED): void {
    cancelAnimationFrame(this.frame)
    const view = this.scroller.getBoundingClientRect()
    const place = this.places.range(unit, unit).getBoundingClientRect()
    const hidden = place.top < view.top + MARGIN || place.bottom > view.bottom - MARGIN
    if (hidden) this.scroller.scrollTop += place.top - (view.top + view.height / 3)
    if (looks > 1) this.frame = requestAnimationFrame(() => this.show(unit, looks - 1))
  }

  /** Shows the followed peer's caret or unfinished span where it has moved, else the part of the text they look at. */
  follow(peer: Peer | undefined): void {
    if (!peer) return
    const work = this.drawn.placeOf(peer)
    const seen = `${peer.connection} ${work} ${peer.view?.[0]}`
    if (seen === this.followed) return
    const worked = work !== null && !this.followed.startsWith(`${peer.connection} ${work} `)
    this.followed = seen
    if (worked) this.show(work)
    else if (peer.view) this.show(this.offsets.toUnits(peer.view[0]))
  }

  /** The units at the window's top and bottom. */
  visible(): [number, number] {
    const { left, right, top, bottom } = this.scroller.getBoundingClientRect()
    const middle = (left + right) / 2
    const first = this.places.unitUnder(middle, top + 2) ?? 0
    const last = this.places.unitUnder(middle, bottom - 2) ?? this.offsets.text.length
    return [first, last]
  }

  stop(): void {
    cancelAnimationFrame(this.frame)
  }
}
