/** What becomes of what one does, for components: is it on its way, saved, to be decided about, or beyond sending. */

import type { Live, SaveState, SheetItem } from "../live/contract"
import { subscriber } from "./sheet.svelte"

export class Link {
  readonly #now: () => void

  constructor(private readonly live: Live) {
    this.#now = subscriber((listener) => live.onState(listener))
  }

  get save(): SaveState {
    this.#now()
    return this.live.save
  }

  /** The items on which someone else has changed what one has, too. */
  get undecided(): readonly SheetItem[] {
    this.#now()
    return this.live.undecided
  }

  /** How many changes can no longer be sent and wait to be taken away as a file. */
  get aside(): number {
    this.#now()
    return this.live.aside
  }

  /** Nothing helps but to load the page anew. */
  get stopped(): boolean {
    this.#now()
    return this.live.link === "stopped"
  }
}
