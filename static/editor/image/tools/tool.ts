/** What a tool is told, what it may ask of the stage, and what it shows while it is at work. */

import type { Id } from "../../../live/contract"
import type { EditorState, ImagePoint, Point, ScreenPoint } from "../../contract"
import type { Bounds, Size } from "../geometry"
import type { Scene } from "../scene"
import type { ImageShape } from "../shapes"

export interface Press {
  readonly at: ImagePoint
  readonly screen: ScreenPoint
  readonly touch: boolean
  readonly shift: boolean
  readonly alt: boolean
}

/** The stage as a tool sees it. */
export interface Desk {
  readonly image: Size
  /** CSS pixels an image pixel. */
  readonly scale: number
  readonly scene: Scene
  readonly state: EditorState
  /** May this shape be drawn now? If not, the person is told why. */
  mayDraw(type: ImageShape["type"]): boolean
  /** False, and the person is told why, when it may not be drawn any more. */
  create(shape: ImageShape): boolean
  /** Give annotations new shapes, as one action; a suggestion is accepted with its new one. */
  reshape(shapes: ReadonlyMap<Id, ImageShape>): void
  hold(ids: Iterable<Id>): void
  release(ids: Iterable<Id>): void
  warn(sentence: string): void
}

/** What is unfinished. */
export interface Sketch {
  /** A new shape; an open one has no edge from its last corner to its first. */
  readonly shape?: ImageShape | null
  readonly open?: boolean
  /** The one corner of it that stands, while the other is awaited. */
  readonly corner?: Point
  /** Annotations that are being dragged, as they would become. */
  readonly dragged?: ReadonlyMap<Id, ImageShape>
  readonly band?: Bounds | null
}

export const NOTHING: Sketch = {}

export interface Tool {
  readonly sketch: Sketch
  readonly cursor: string
  /** `drag`: the tool takes the whole gesture. `tap`: it takes a tap only; moving pans the view. */
  down(press: Press): "drag" | "tap"
  move(press: Press): void
  up(press: Press): void
  /** A pointer that hovers, or (null) leaves the stage. */
  hover(press: Press | null): void
  /** The hand is taken away in the middle: give up this gesture, but not what earlier ones began. */
  interrupt(): void
  /** Give up all that is unfinished; true when there was something. */
  cancel(): boolean
  finish(): boolean
  /** Take back the newest part of what is unfinished, or the picked vertex; true when there was one. */
  stepBack(): boolean
}

/** A hand that moved less than this has not moved, in CSS pixels. */
export const slack = (press: Press): number => (press.touch ? 10 : 3)

/** How near a hand must come to a point to mean it, in CSS pixels: half of a 44-pixel target for fingers. */
export const reach = (press: Press): number => (press.touch ? 22 : 8)
