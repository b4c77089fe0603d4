/** What the browser says about where text lies. */

import { isRightToLeft } from "./blocks"
import { next, previous } from "./clusters"
import type { Box } from "./drawing"

const range = document.createRange()

/** Boxes of a piece of a text node, relative to `origin`; neighbours on a line become one. */
export function boxesOf(node: Text, start: number, end: number, origin: DOMRect): Box[] {
  range.setStart(node, start)
  range.setEnd(node, end)
  const boxes: Box[] = []
  let bare: Box | undefined // a line break or another character without width
  for (const rect of range.getClientRects()) {
    const box = { left: rect.left - origin.left, top: rect.top - origin.top, width: rect.width, height: rect.height }
    const before = boxes.at(-1)
    if (box.width < 0.5) bare ??= { ...box, width: 3 }
    else if (before && Math.abs(before.top - box.top) < 1 && touches(before, box))
      boxes.splice(-1, 1, joined(before, box))
    else boxes.push(box)
  }
  return boxes.length || !bare ? boxes : [bare]
}

/** The edge of the text at a unit, as a box without width: where the caret stands. */
export function caretOf(node: Text, unit: number, side: "start" | "end", origin: DOMRect): Box | null {
  const text = node.data
  const before = side === "end" && unit > 0
  const [from, to] = before ? [previous(text, unit), unit] : [unit, next(text, unit)]
  const boxes = boxesOf(node, from, to, origin)
  const box = before ? boxes.at(-1) : boxes[0]
  if (!box) return null
  const atRight = before !== isRightToLeft(text.slice(from, to))
  return { left: atRight ? box.left + box.width : box.left, top: box.top, width: 0, height: box.height }
}

const context = document.createElement("canvas").getContext("2d")
const widths = new Map<string, number>()

/** How wide a label is drawn in a font ("600 10px Inter"). */
export function widthOf(label: string, font: string): number {
  const key = `${font}|${label}`
  let width = widths.get(key)
  if (width === undefined && context) {
    context.font = font
    width = context.measureText(label).width + label.length * 0.2 // letter-spacing
    widths.set(key, width)
  }
  return width ?? 0
}

const touches = (a: Box, b: Box): boolean => b.left <= a.left + a.width + 0.5 && a.left <= b.left + b.width + 0.5

function joined(a: Box, b: Box): Box {
  const left = Math.min(a.left, b.left)
  const right = Math.max(a.left + a.width, b.left + b.width)
  return { left, top: Math.min(a.top, b.top), width: right - left, height: Math.max(a.height, b.height) }
}
