/** The fog behind the points: where the model is unsure. Each place of a grid has the mean entropy of the points around
 * it, by their distance (Nadaraya, 1964; Watson, 1964), and fades where there are none. */

import type { Points } from "./points"

export const WIDE = 240
export const HIGH = 150
const SPREAD = 8 // cells
const ENOUGH = 0.35 // points in a cell's reach that make it as thick as it gets
const CLEAR = 0.03 // entropy below which there is none
const DENSE = 0.6 // entropy at which it is as thick as it gets

export interface Fog {
  /** From 0 to 255, row by row from the top. */
  thickness: Uint8ClampedArray
  bounds: Points["bounds"]
}

export function fogOf(points: Points): Fog {
  const bounds = points.bounds
  const [count, sum] = [new Float32Array(WIDE * HIGH), new Float32Array(WIDE * HIGH)]
  const [across, down] = [WIDE / (bounds.right - bounds.left), HIGH / (bounds.top - bounds.bottom)]
  for (let row = 0; row < points.length; row++) {
    if (!points.isPlaced(row)) continue
    const column = Math.floor((points.x[row]! - bounds.left) * across)
    const line = Math.floor((bounds.top - points.y[row]!) * down)
    const cell = Math.min(line, HIGH - 1) * WIDE + Math.min(column, WIDE - 1)
    count[cell]! += 1
    sum[cell]! += points.entropy[row]!
  }
  const [near, unsure] = [blurred(count), blurred(sum)]
  const thickness = new Uint8ClampedArray(WIDE * HIGH)
  for (let cell = 0; cell < thickness.length; cell++) {
    const [weight, total] = [near[cell]!, unsure[cell]!]
    if (weight < 1e-4) continue
    const there = Math.min(weight / (ENOUGH / (SPREAD * SPREAD)), 1)
    thickness[cell] = 255 * there * Math.min(Math.max(total / weight - CLEAR, 0) / DENSE, 1) ** 0.75
  }
  return { thickness, bounds }
}

/** By a Gaussian, across and then down. */
function blurred(cells: Float32Array): Float32Array {
  const reach = 3 * SPREAD
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * SPREAD ** 2)))
  const whole = weights.reduce((one, other) => one + other)
  const pass = (from: Float32Array, step: number, size: number, lines: number, lineStep: number) => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < lines; line++) {
      for (let at = 0; at < size; at++) {
        const value = from[line * lineStep + at * step]!
        if (!value) continue
        for (let other = Math.max(at - reach, 0); other <= Math.min(at + reach, size - 1); other++) {
          to[line * lineStep + other * step]! += (value * weights[other - at + reach]!) / whole
        }
      }
    }
    return to
  }
  return pass(pass(cells, 1, WIDE, HIGH, WIDE), WIDE, HIGH, WIDE, 1)
}

/** As a picture of a colour, "#rrggbb". */
export function painted(fog: Fog, color: readonly [number, number, number], strength: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas")
  ;[canvas.width, canvas.height] = [WIDE, HIGH]
  const pixels = new ImageData(WIDE, HIGH)
  for (let cell = 0; cell < fog.thickness.length; cell++) {
    pixels.data.set([...color, fog.thickness[cell]! * strength], 4 * cell)
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0)
  return canvas
}
