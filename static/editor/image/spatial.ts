/** Which things lie where: a packed tree that is built once in a while, and what has changed since beside it. */

import Flatbush from "flatbush"
import { overlap, type Bounds } from "./geometry"

const REBUILD_AFTER = 400 // changes

export class SpatialIndex<T extends { readonly bounds: Bounds }> {
  private tree: Flatbush | null = null
  private inTree: T[] = []
  private readonly gone = new Set<T>()
  private readonly recent = new Set<T>()

  reset(things: Iterable<T>): void {
    this.inTree = [...things]
    this.gone.clear()
    this.recent.clear()
    this.tree = null
    if (!this.inTree.length) return
    this.tree = new Flatbush(this.inTree.length)
    for (const { bounds } of this.inTree) this.tree.add(bounds.left, bounds.top, bounds.right, bounds.bottom)
    this.tree.finish()
  }

  add(thing: T): void {
    this.recent.add(thing)
  }

  remove(thing: T): void {
    if (!this.recent.delete(thing)) this.gone.add(thing)
  }

  search(area: Bounds): T[] {
    if (this.recent.size + this.gone.size > REBUILD_AFTER) this.rebuild()
    const found: T[] = []
    for (const place of this.tree?.search(area.left, area.top, area.right, area.bottom) ?? []) {
      const thing = this.inTree[place] as T
      if (!this.gone.has(thing)) found.push(thing)
    }
    for (const thing of this.recent) if (overlap(thing.bounds, area)) found.push(thing)
    return found
  }

  private rebuild(): void {
    this.reset([...this.inTree.filter((thing) => !this.gone.has(thing)), ...this.recent])
  }
}
