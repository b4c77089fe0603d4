/** Places of the text on the page: units to nodes and back, and what lies under the pointer. */

import { blockAt } from "./blocks"

export class Places {
  private readonly nodes: (Text | undefined)[] = []

  constructor(
    private readonly length: number,
    private readonly starts: readonly number[],
  ) {}

  register(block: number, node: Text | undefined): void {
    this.nodes[block] = node
  }

  /** The unit at a place in the document; null where it is not in our text. */
  unitAt(node: Node, offset: number): number | null {
    const block = this.nodes.indexOf(node as Text)
    if (block >= 0) return (this.starts[block] ?? 0) + offset
    if (!this.nodes.some((text) => text && node.contains(text.parentNode))) return this.nearby(node)
    return this.after(node, offset)
  }

  /** The unit nearest to a point of the window. */
  unitUnder(x: number, y: number): number | null {
    // Safari had only the older of the two for long.
    const place = document.caretPositionFromPoint?.(x, y)
    if (place) return this.unitAt(place.offsetNode, place.offset)
    const caret = document.caretRangeFromPoint?.(x, y)
    return caret ? this.unitAt(caret.startContainer, caret.startOffset) : null
  }

  range(start: number, end: number): Range {
    const range = document.createRange()
    range.setStart(...this.placeOf(start))
    range.setEnd(...this.placeOf(end))
    return range
  }

  placeOf(unit: number): [Node, number] {
    const block = blockAt(this.starts, unit)
    const node = this.nodes[block]
    return node ? [node, Math.min(unit - (this.starts[block] ?? 0), node.length)] : [document.body, 0]
  }

  /** Of a place between blocks: the start of the first block after it. */
  private after(node: Node, offset: number): number {
    const point = document.createRange()
    point.setStart(node, offset)
    let low = 0
    let high = this.nodes.length
    while (low < high) {
      const middle = (low + high) >> 1
      const text = this.nodes[middle]
      if (text && point.comparePoint(text, 0) >= 0) high = middle
      else low = middle + 1
    }
    return this.starts[low] ?? this.length
  }

  /** Of a place on a mark, or beside the text within a block: the block's start. */
  private nearby(node: Node): number | null {
    const element = node instanceof Element ? node : node.parentElement
    const block = element?.closest<HTMLElement>("[data-block]")?.dataset["block"]
    return block === undefined ? null : (this.starts[Number(block)] ?? null)
  }
}

/** The selected part of our text. `focus` is the end that moves. */
export interface Selected {
  readonly start: number
  readonly end: number
  readonly focus: number
}

export function selectedIn(places: Places): Selected | null {
  const selection = document.getSelection()
  if (!selection?.anchorNode || !selection.focusNode) return null
  const anchor = places.unitAt(selection.anchorNode, selection.anchorOffset)
  const focus = places.unitAt(selection.focusNode, selection.focusOffset)
  if (anchor === null || focus === null) return null
  return { start: Math.min(anchor, focus), end: Math.max(anchor, focus), focus }
}
