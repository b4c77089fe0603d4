/** One canvas of the stage, as large as the stage in device pixels. */

import type { Size } from "../geometry"

export interface Pane {
  readonly canvas: HTMLCanvasElement
  readonly on: CanvasRenderingContext2D
}

/** Canvases whose stage has gone. Memory for new ones costs more time than all that is drawn on them first. */
const spare: Pane[] = []

export function addPane(parent: HTMLElement): Pane {
  const pane = spare.pop() ?? newPane()
  pane.canvas.removeAttribute("style")
  parent.append(pane.canvas)
  return pane
}

/** Give a pane back, for the next stage. */
export function returnPane(pane: Pane): void {
  pane.canvas.remove()
  spare.push(pane)
}

function newPane(): Pane {
  const canvas = document.createElement("canvas")
  canvas.setAttribute("aria-hidden", "true")
  const on = canvas.getContext("2d")
  if (!on) throw new Error("This browser gives no 2D canvas.")
  return { canvas, on }
}

/** Also empties it. */
export function sizePane(pane: Pane, { width, height }: Size): void {
  const { canvas } = pane
  if (canvas.width === width && canvas.height === height) return clearPane(pane)
  canvas.width = width
  canvas.height = height
}

export function clearPane({ canvas, on }: Pane): void {
  on.clearRect(0, 0, canvas.width, canvas.height)
}
