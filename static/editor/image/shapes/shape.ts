/** What every shape on an image can do. One file a shape; to add one, copy its nearest neighbour and name it in `index.ts`. */

import type { Polygon, Rectangle } from "../../../live/messages.gen"
import type { ImagePoint } from "../../contract"
import type { Bounds } from "../geometry"
import type { View } from "../view"

export type ImageShape = Rectangle | Polygon

/** A point one can drag: a corner of a rectangle, a vertex, or the middle of an edge that becomes one. */
export interface Handle {
  readonly key: string
  readonly at: ImagePoint
  readonly kind: "corner" | "side" | "vertex" | "middle"
  /** The length of the side it stands on, or of the longer one that meets there, in image pixels. */
  readonly room: number
  readonly cursor: string
}

export interface ShapeKind<S extends ImageShape> {
  bounds(shape: S): Bounds
  area(shape: S): number
  /** Where across the image its highest point is, the leftmost of several. */
  peak(shape: S): number
  /** Image pixels from the shape; 0 inside it. */
  distance(shape: S, at: ImagePoint): number
  /** Fill and outline it with the context's styles; the view is in the canvas's pixels. */
  paint(shape: S, view: View, on: CanvasRenderingContext2D, fill: boolean): void
  handles(shape: S): Handle[]
  moved(shape: S, dx: number, dy: number): S
  /** The shape with one handle dragged to a point of the image. */
  dragged(shape: S, handle: string, to: ImagePoint, keepRatio: boolean): S
  /** The shape without the vertex; null when it cannot do without. */
  without(shape: S, handle: string): S | null
  /** The same to a hundredth of a pixel, as it is sent. */
  rounded(shape: S): S
  /** Why it cannot be kept, as a sentence. */
  problem(shape: S): string | null
}
