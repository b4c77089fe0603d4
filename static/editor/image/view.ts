/** Where the image stands on the stage: screen = image * scale + (x, y). A value; every change makes a new one. */

import type { ImagePoint, ScreenPoint } from "../contract"
import { between, onImage, onScreen, type Bounds, type Size } from "./geometry"

export interface View {
  readonly scale: number
  readonly x: number
  readonly y: number
}

const MARGIN = 24 // CSS pixels left free around a fitted image
const IN_REACH = 64 // CSS pixels of the image that always stay on the stage
const LARGEST = 64

export const toScreen = (view: View, at: ImagePoint): ScreenPoint =>
  onScreen(at[0] * view.scale + view.x, at[1] * view.scale + view.y)

export const toImage = (view: View, at: ScreenPoint): ImagePoint =>
  onImage((at[0] - view.x) / view.scale, (at[1] - view.y) / view.scale)

export const sameView = (a: View | null, b: View | null): boolean =>
  a === b || (a?.scale === b?.scale && a?.x === b?.x && a?.y === b?.y)

/** The same place in device pixels, of which `ratio` make a CSS pixel; whole ones, so that panning shifts pixels exactly. */
export function onDevice(view: View, ratio: number): View {
  return { scale: view.scale * ratio, x: Math.round(view.x * ratio), y: Math.round(view.y * ratio) }
}

export const fromDevice = (view: View, ratio: number): View => ({
  scale: view.scale / ratio,
  x: view.x / ratio,
  y: view.y / ratio,
})

/** What the stage shows, in image pixels. */
export function seen(view: View, stage: Size): Bounds {
  const [left, top] = toImage(view, onScreen(0, 0))
  const [right, bottom] = toImage(view, onScreen(stage.width, stage.height))
  return { left, top, right, bottom }
}

export function placed(bounds: Bounds, view: View): Bounds {
  const [left, top] = toScreen(view, onImage(bounds.left, bounds.top))
  const [right, bottom] = toScreen(view, onImage(bounds.right, bounds.bottom))
  return { left, top, right, bottom }
}

/** The view that shows these bounds whole, in the middle of the stage. */
export function framing(bounds: Bounds, stage: Size, margin = 0): View {
  const [width, height] = [Math.max(1, bounds.right - bounds.left), Math.max(1, bounds.bottom - bounds.top)]
  const room = (length: number) => Math.max(1, length - 2 * margin)
  const scale = Math.min(room(stage.width) / width, room(stage.height) / height, LARGEST)
  return {
    scale,
    x: (stage.width - (bounds.left + bounds.right) * scale) / 2,
    y: (stage.height - (bounds.top + bounds.bottom) * scale) / 2,
  }
}

export function fitted(image: Size, stage: Size): View {
  const margin = Math.min(MARGIN, stage.width / 20, stage.height / 20)
  return framing({ left: 0, top: 0, right: image.width, bottom: image.height }, stage, margin)
}

/** Zoom so that the image point under `at` stays there. */
export function zoomedAt(view: View, at: ScreenPoint, factor: number, image: Size, stage: Size): View {
  const smallest = Math.min(fitted(image, stage).scale, 1) / 4
  const scale = between(view.scale * factor, smallest, LARGEST)
  const change = scale / view.scale
  return { scale, x: at[0] - (at[0] - view.x) * change, y: at[1] - (at[1] - view.y) * change }
}

export const panned = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x + dx, y: view.y + dy })

/** The view with some of the image still on the stage. */
export function inReach(view: View, image: Size, stage: Size): View {
  const along = (offset: number, length: number, room: number) => {
    const kept = Math.min(IN_REACH, length, room)
    return between(offset, kept - length, room - kept)
  }
  return {
    ...view,
    x: along(view.x, image.width * view.scale, stage.width),
    y: along(view.y, image.height * view.scale, stage.height),
  }
}

/** A step from one view towards another, or the other itself when it is as good as there. */
export function towards(view: View, target: View, share: number): View {
  const near =
    Math.abs(view.x - target.x) < 1 &&
    Math.abs(view.y - target.y) < 1 &&
    Math.abs(view.scale / target.scale - 1) < 0.002
  if (near) return target
  const mix = (a: number, b: number) => a + (b - a) * share
  return { scale: mix(view.scale, target.scale), x: mix(view.x, target.x), y: mix(view.y, target.y) }
}
