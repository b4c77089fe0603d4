/** The annotations of the sheet, and what is suggested for it, as the stage draws and finds them. */

import type { AnnotationRecord, Id } from "../../live/contract"
import type { ImagePoint, Label } from "../contract"
import { percent, type Suggestion } from "../suggested"
import type { Bounds } from "./geometry"
import { kindOf, onImageOnly, type ImageShape } from "./shapes"
import { SpatialIndex } from "./spatial"

/** What a label that was removed, or is not known, looks like. */
const GREY = "#8b95a7"

/** An annotation, or a suggestion, to draw. A value: a change makes a new one. */
export interface Drawn {
  readonly id: Id
  readonly shape: ImageShape
  readonly bounds: Bounds
  readonly area: number
  readonly color: string
  readonly name: string
  readonly suggested: boolean
}

/** Large ones first, so that small ones lie on top and are found first by a click. */
const inOrder = (a: Drawn, b: Drawn): number => b.area - a.area || (a.id < b.id ? -1 : 1)

export class Scene {
  private readonly drawn = new Map<Id, Drawn>()
  private readonly index = new SpatialIndex<Drawn>()
  private ordered: Drawn[] | null = null
  private labels: ReadonlyMap<number, Label> = new Map()
  /** By the annotation that stands for each; one that is there is drawn in its place. */
  private suggestions: ReadonlyMap<Id, Suggestion> = new Map()
  /** How many suggestions are drawn. */
  suggested = 0

  /** How many annotations there are. */
  get size(): number {
    return this.drawn.size - this.suggested
  }

  suggestion(id: Id): Suggestion | undefined {
    return this.suggestions.get(id)
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
    this.suggested = 0
    for (const id of new Set([...records.keys(), ...this.suggestions.keys()])) {
      const drawn = this.drawnOf(id, records)
      if (drawn) this.put(drawn)
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
        if (before.suggested) this.suggested--
        touched.push(before)
      }
      const after = this.drawnOf(id, records)
      if (after) {
        this.index.add(after)
        this.put(after)
        touched.push(after)
      }
    }
    return touched
  }

  /** Take over other suggestions; the answer is as that of `update`. */
  suggest(suggestions: ReadonlyMap<Id, Suggestion>, records: ReadonlyMap<Id, AnnotationRecord>): Drawn[] {
    const before = this.suggestions
    this.suggestions = suggestions
    const ids = new Set([...before.keys(), ...suggestions.keys()])
    for (const id of ids) if (before.get(id) === suggestions.get(id)) ids.delete(id)
    return this.update(records, ids)
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

  private put(drawn: Drawn): void {
    this.drawn.set(drawn.id, drawn)
    if (drawn.suggested) this.suggested++
  }

  private drawnOf(id: Id, records: ReadonlyMap<Id, AnnotationRecord>): Drawn | null {
    const record = records.get(id)
    const suggestion = record ? undefined : this.suggestions.get(id)
    const said = record ?? suggestion
    const shape = said && onImageOnly(said.shape)
    if (!shape || record?.deleted) return null
    const kind = kindOf(shape)
    const name = this.name(said.label)
    return {
      id,
      shape,
      bounds: kind.bounds(shape),
      area: kind.area(shape),
      color: this.color(said.label),
      name: suggestion ? `${name} ${percent(suggestion.score)}` : name,
      suggested: suggestion !== undefined,
    }
  }
}
