/** Colours and strokes that the layers share. Lengths are CSS pixels. */

import type { Drawn } from "../scene"
import { kindOf, type ImageShape } from "../shapes"
import type { View } from "../view"

export const LINE = 2
/** Of what a model suggests. */
const DASH = [6, 4]
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

/** What is drawn of the sheet; a suggestion is dashed and hollow. */
export function paintDrawn(
  on: CanvasRenderingContext2D,
  { shape, color, suggested }: Pick<Drawn, "shape" | "color" | "suggested">,
  view: View,
  width: number,
  ratio: number,
): void {
  if (suggested) on.setLineDash(DASH.map((length) => length * ratio))
  paintShape(on, shape, color, view, width * ratio, !suggested)
  if (suggested) on.setLineDash([])
}
