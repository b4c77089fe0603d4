/** What one drags while others are at it too: what they do to it waits [B1], but that they have deleted it is said. */

import type { Id, Operation } from "./contract"
import type { Store } from "./store"

export class Held {
  /** `deleted`: someone, by their id, has deleted what one holds or wants to change. */
  constructor(
    private readonly store: Store,
    private readonly me: number,
    private readonly deleted: (by: number, annotation: Id) => void,
  ) {}

  /** Do this, and say so when something that is held is gone with it. */
  watch(change: () => void): void {
    const before = new Set(this.gone)
    change()
    for (const id of this.gone) {
      const by = this.by(id)
      if (!before.has(id) && by !== this.me) this.deleted(by, id)
    }
  }

  /** Someone has deleted what one wants to change. One who was dragging it has been told already. */
  isGone({ type, annotation }: Operation): boolean {
    if (!this.store.known(annotation)?.deleted || (type !== "update" && type !== "delete")) return false
    if (!this.store.heldIds.includes(annotation)) this.deleted(this.by(annotation), annotation)
    return true
  }

  private get gone(): Id[] {
    return this.store.heldIds.filter((id) => this.store.known(id)?.deleted)
  }

  private by(annotation: Id): number {
    return this.store.known(annotation)?.updated_by ?? 0
  }
}
