/** Which items are chosen, and from where a range goes. */

import { MOST } from "./contract"

export class Selection {
  ids = $state.raw<ReadonlySet<number>>(new Set())
  /** Where a range begins: the place that was chosen last. */
  from = 0

  get size(): number {
    return this.ids.size
  }

  has(id: number): boolean {
    return this.ids.has(id)
  }

  toggle(id: number, index: number): void {
    this.from = index
    const ids = new Set(this.ids)
    if (!ids.delete(id)) ids.add(id)
    this.ids = ids
  }

  /** False when not all of them can be chosen at once. */
  choose(ids: readonly number[]): boolean {
    this.ids = new Set(ids.slice(0, MOST))
    return ids.length <= MOST
  }

  clear(): void {
    if (this.size) this.ids = new Set()
  }
}
