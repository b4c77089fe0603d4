/** The spans on the screen, found by the block they touch. Offsets are units. */

import type { Id } from "../../live/contract"
import type { Label } from "../contract"
import { blockAt } from "./blocks"

export interface Span {
  readonly id: Id
  readonly start: number
  readonly end: number
  readonly label: Label | undefined
  /** How sure a model is that suggests it; null for an annotation. */
  readonly score: number | null
}

const NONE: ReadonlyMap<Id, Span> = new Map()

export class Spans {
  private readonly all = new Map<Id, Span>()
  private readonly blocks = new Map<number, Map<Id, Span>>()

  constructor(private readonly starts: readonly number[]) {}

  get(id: Id): Span | undefined {
    return this.all.get(id)
  }

  ids(): Iterable<Id> {
    return this.all.keys()
  }

  /** Adds, moves or (undefined) takes away a span; answers with the blocks to draw again. */
  set(id: Id, span: Span | undefined): number[] {
    const before = this.all.get(id)
    if (before && span && same(before, span)) return []
    const touched = new Set<number>()
    for (const block of before ? this.touches(before) : []) {
      this.blocks.get(block)?.delete(id)
      touched.add(block)
    }
    for (const block of span ? this.touches(span) : []) {
      if (!this.blocks.has(block)) this.blocks.set(block, new Map())
      this.blocks.get(block)?.set(id, span as Span)
      touched.add(block)
    }
    if (span) this.all.set(id, span)
    else this.all.delete(id)
    return [...touched]
  }

  /** In reading order, outer before inner. */
  inBlock(block: number): Span[] {
    return [...(this.blocks.get(block) ?? NONE).values()].sort(byReading)
  }

  private touches(span: Span): number[] {
    const first = blockAt(this.starts, span.start)
    const last = blockAt(this.starts, Math.max(span.end - 1, span.start))
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }
}

/** Which of the spans under the pointer a click selects: the smallest, and at each further click the next larger. */
export function cycle(hits: readonly Span[], selected: ReadonlySet<Id>): Id | null {
  const order = [...hits].sort((a, b) => a.end - a.start - (b.end - b.start) || byReading(a, b))
  const current = order.findIndex((span) => selected.has(span.id))
  return order[(current + 1) % order.length]?.id ?? null
}

const byReading = (a: Span, b: Span): number =>
  a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const same = (a: Span, b: Span): boolean =>
  a.start === b.start && a.end === b.end && a.label === b.label && a.score === b.score
