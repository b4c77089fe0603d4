/** The annotations of the sheet as the stage draws and finds them. */

import type { AnnotationRecord, Id } from "../../live/contract"
import type { ImagePoint, Label } from "../contract"
import type { Bounds } from "./geometry"
import { kindOf, onImageOnly, type ImageShape } from "./shapes"
import { SpatialIndex } from "./spatial"

/** What a label that was removed, or is not known, looks like. */
const GREY = "#8b95a7"

/** An annotation to draw. A value: a change makes a new one. */
export interface Drawn {
  readonly id: Id
  readonly shape: ImageShape
  readonly bounds: Bounds
  readonly area: number
  readonly color: string
  readonly name: string
}

/** Large ones first, so that small ones lie on top and are found first by a click. */
const inOrder = (a: Drawn, b: Drawn): number => b.area - a.area || (a.id < b.id ? -1 : 1)

export class Scene {
  private readonly drawn = new Map<Id, Drawn>()
  private readonly index = new SpatialIndex<Drawn>()
  private ordered: Drawn[] | null = null
  private labels: ReadonlyMap<number, Label> = new Map()

  get size(): number {
    return this.drawn.size
  }

  get(id: Id): Drawn | undefined {
    return this.drawn.get(id)
  }

  /** All, in drawing order. */
  all(): readonly Drawn[] {
    return (this.ordered ??= [...this.drawn.values()].sort(inOrder))
  }

  color(label: number | null | undefined): string {
    const known = this.labels.get(label ?? NaN)
    return known && !known.removed ? known.color : GREY
  }

  name(label: number | null | undefined): string {
    return this.labels.get(label ?? NaN)?.name ?? ""
  }

  reset(records: ReadonlyMap<Id, AnnotationRecord>, labels: ReadonlyMap<number, Label>): void {
    this.labels = labels
    this.ordered = null
    this.drawn.clear()
    for (const record of records.values()) {
      const drawn = this.drawnOf(record)
      if (drawn) this.drawn.set(record.id, drawn)
    }
    this.index.reset(this.drawn.values())
  }

  /** Take over what changed; the answer is what stood there and what stands there now. */
  update(records: ReadonlyMap<Id, AnnotationRecord>, ids: ReadonlySet<Id>): Drawn[] {
    const touched: Drawn[] = []
    this.ordered = null
    for (const id of ids) {
      const before = this.drawn.get(id)
      if (before) {
        this.index.remove(before)
        this.drawn.delete(id)
        touched.push(before)
      }
      const record = records.get(id)
      const after = record && this.drawnOf(record)
      if (after) {
        this.index.add(after)
        this.drawn.set(id, after)
        touched.push(after)
      }
    }
    return touched
  }

  /** What overlaps the bounds, in drawing order. */
  search(area: Bounds): Drawn[] {
    return this.index.search(area).sort(inOrder)
  }

  /** What a click at the point means, the topmost and smallest first. `reach` is in image pixels. */
  hits(at: ImagePoint, reach: number): Drawn[] {
    const near = { left: at[0] - reach, top: at[1] - reach, right: at[0] + reach, bottom: at[1] + reach }
    return this.search(near)
      .filter((drawn) => kindOf(drawn.shape).distance(drawn.shape, at) <= reach)
      .reverse()
  }

  private drawnOf(record: AnnotationRecord): Drawn | null {
    const shape = onImageOnly(record.shape)
    if (!shape || record.deleted) return null
    const kind = kindOf(shape)
    return {
      id: record.id,
      shape,
      bounds: kind.bounds(shape),
      area: kind.area(shape),
      color: this.color(record.label),
      name: this.name(record.label),
    }
  }
}
