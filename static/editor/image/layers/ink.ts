/** Colours and strokes that the layers share. Lengths are CSS pixels. */

import { kindOf, type ImageShape } from "../shapes"
import type { View } from "../view"

export const LINE = 2
/** Of what is unfinished. It is solid: dashes are for machines. */
export const THIN = 1.5
export const FONT = 'Inter, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif'

const fills = new Map<string, string>()

/** The colour at 12 %. */
export function fillOf(color: string): string {
  let fill = fills.get(color)
  if (!fill) fills.set(color, (fill = `${color}1f`))
  return fill
}

export function paintShape(
  on: CanvasRenderingContext2D,
  shape: ImageShape,
  color: string,
  view: View,
  width: number,
  fill = true,
): void {
  on.lineWidth = width
  on.strokeStyle = color
  if (fill) on.fillStyle = fillOf(color)
  kindOf(shape).paint(shape, view, on, fill)
}
