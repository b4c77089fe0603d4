/** Where tints, underlines and labels of a block go. What is measured comes in, what is drawn comes out. */

import { lanes } from "./lanes"
import type { Span } from "./spans"

export const UNDERLINE = 4 // pixels from one underline to the next
export const LABEL = 12 // pixels, the height of a label
const GAP = 6 // pixels between two labels side by side

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A span as it lies in a block: its boxes, a line or a run of one direction each. */
export interface Measured {
  readonly span: Span
  readonly boxes: readonly Box[]
  /** The label's width where the span begins in this block, else null. */
  readonly label: number | null
  readonly rightToLeft: boolean
}

export interface Mark {
  readonly span: Span
  readonly boxes: readonly Box[]
  /** The row of its underline, 0 nearest to the text. */
  readonly lane: number
  readonly label: { readonly left: number; readonly top: number } | null
}

/** A piece of an underline, and a label on its line: `under` is how far below the text, in pixels. */
type Stroke = Box & { readonly under: number }
type Placed = { readonly of: number; readonly left: number; readonly right: number; readonly under: number }

/** The marks of a block `width` wide, and the pixels they need below a line of text. */
export function layOut(measured: readonly Measured[], width: number): { marks: Mark[]; depth: number } {
  const underlines = lanes(measured.map((m) => m.span))
  const marks = measured.map(({ span, boxes }, i): Mark => ({ span, boxes, lane: underlines[i] ?? 0, label: null }))
  let depth = 0
  for (const bottom of linesOf(measured.flatMap((m) => m.boxes))) {
    const onLine = (box: Box): boolean => box.top < bottom && box.top + box.height > bottom - 1
    const strokes = marks.flatMap(({ boxes, lane }) =>
      boxes.filter(onLine).map((box): Stroke => ({ ...box, under: (lane + 1) * UNDERLINE })),
    )
    const below = Math.max(UNDERLINE, ...strokes.map((stroke) => stroke.under))
    const labels: Placed[] = []
    measured.forEach((m, of) => {
      if (m.label === null || !m.boxes[0] || !onLine(m.boxes[0])) return
      const { left, right } = placeOf(m.boxes[0], m.label, m.rightToLeft, width)
      labels.push({ of, left, right, under: lowered(below, left, right, labels) })
    })
    for (const { of, left, under } of labels) {
      marks[of] = { ...(marks[of] as Mark), label: { left, top: bottom + 2 + under } }
    }
    depth = Math.max(depth, below, ...labels.map((label) => label.under + LABEL))
  }
  return { marks, depth }
}

/** Where a label goes: at the start of its span, inside the page. */
function placeOf(box: Box, label: number, rightToLeft: boolean, width: number) {
  const start = rightToLeft ? box.left + box.width - label : box.left
  const left = Math.max(0, Math.min(start, width - label))
  return { left, right: left + label + GAP }
}

/** How far below the line a label goes, so that it covers none that is placed. */
function lowered(under: number, left: number, right: number, placed: readonly Placed[]): number {
  const hit = placed.find((p) => p.left < right && p.right > left && p.under < under + LABEL && p.under + LABEL > under)
  return hit ? lowered(hit.under + LABEL, left, right, placed) : under
}

/** Whether a point of the block is on a mark. */
export function covers(mark: Mark, x: number, y: number): boolean {
  const reach = 2 + (mark.lane + 1) * UNDERLINE
  return mark.boxes.some(
    (box) => x >= box.left && x <= box.left + box.width && y >= box.top - 2 && y <= box.top + box.height + reach,
  )
}

/** The bottoms of the lines that have boxes, from the top. */
function linesOf(boxes: readonly Box[]): number[] {
  const bottoms: number[] = []
  for (const box of [...boxes].sort((a, b) => a.top - b.top)) {
    const last = bottoms.length - 1
    const bottom = box.top + box.height
    if (last >= 0 && box.top + box.height / 2 < (bottoms[last] ?? 0))
      bottoms[last] = Math.max(bottoms[last] ?? 0, bottom)
    else bottoms.push(bottom)
  }
  return bottoms
}
