/** One canvas of the stage, as large as the stage in device pixels. */

import type { Size } from "../geometry"

export interface Pane {
  readonly canvas: HTMLCanvasElement
  readonly on: CanvasRenderingContext2D
}

export function addPane(parent: HTMLElement): Pane {
  const canvas = document.createElement("canvas")
  canvas.setAttribute("aria-hidden", "true")
  const on = canvas.getContext("2d")
  if (!on) throw new Error("This browser gives no 2D canvas.")
  parent.append(canvas)
  return { canvas, on }
}

/** Setting the size also empties the canvas. */
export function sizePane({ canvas }: Pane, device: Size): void {
  canvas.width = device.width
  canvas.height = device.height
}

export function clearPane({ canvas, on }: Pane): void {
  on.clearRect(0, 0, canvas.width, canvas.height)
}
