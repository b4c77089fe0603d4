/** Entering a sheet's room, and asking anew for what one has missed of it. */

import type { Store } from "./store"

const GAP_PATIENCE = 1_000
/** Milliseconds after which one who has lost access asks whether they have it again. */
const KNOCK = 5_000

export class CatchUp {
  private joining = false
  private gapTimer: ReturnType<typeof setTimeout> | undefined
  private knock: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly store: Store,
    /** Sends that one joins, from the clock one has. */
    private readonly send: () => void,
  ) {}

  /** Enter the room, or ask again what was missed. */
  join(): void {
    if (this.joining) return
    this.joining = true
    this.send()
  }

  joined(): void {
    this.joining = false
  }

  /** The room is left, or the socket has closed. */
  part(): void {
    this.joining = false
    clearTimeout(this.gapTimer)
    clearTimeout(this.knock)
    this.gapTimer = undefined
  }

  joinLater(): void {
    this.knock = setTimeout(() => this.join(), KNOCK)
  }

  /** Take what moved the clock, and ask for what is missing when it did not begin where one is [G1]. */
  advance({ after, clock }: { after: number; clock: number }, take: () => void): void {
    const gap = after > this.store.clock
    take()
    if (gap) this.join()
    else this.store.clock = Math.max(this.store.clock, clock)
  }

  /** The room is at this clock: what leads there is on its way, or lost. */
  expect(clock: number): void {
    if (clock <= this.store.clock || this.gapTimer !== undefined) return
    this.gapTimer = setTimeout(() => {
      this.gapTimer = undefined
      if (clock > this.store.clock) this.join()
    }, GAP_PATIENCE)
  }
}
