/** The view of the stage, and what moves it: one's own hand, or the person one follows. */

import type { ImagePoint, ScreenPoint } from "../contract"
import { encloses, onScreen, type Bounds, type Size } from "./geometry"
import {
  fitted,
  framing,
  fromDevice,
  inReach,
  onDevice,
  panned,
  sameView,
  seen,
  toImage,
  towards,
  zoomedAt,
  type View,
} from "./view"

const REVEALED = 48 // CSS pixels left free around what was brought into view
const GLIDE = 0.3 // the share of the way that one frame of following goes

export class Camera {
  /** Whole device pixels: what is drawn and what pointers mean. */
  view: View = { scale: 1, x: 0, y: 0 }
  stage: Size = { width: 1, height: 1 }
  ratio = 1
  private exact: View = this.view
  private goal: View | null = null
  private fits = true

  constructor(
    readonly image: Size,
    private readonly moved: (byHand: boolean) => void,
  ) {}

  get onDevice(): View {
    return onDevice(this.exact, this.ratio)
  }

  get seen(): Bounds {
    return seen(this.view, this.stage)
  }

  toImage(at: ScreenPoint): ImagePoint {
    return toImage(this.view, at)
  }

  /** Another size of the stage: what was in its middle stays there. */
  resize(stage: Size, ratio: number): void {
    const shift = onScreen((stage.width - this.stage.width) / 2, (stage.height - this.stage.height) / 2)
    this.stage = stage
    this.ratio = ratio
    this.show(this.fits ? fitted(this.image, stage) : panned(this.exact, shift[0], shift[1]))
    this.moved(false)
  }

  fit(): void {
    this.byHand(fitted(this.image, this.stage))
    this.fits = true
  }

  zoomAt(at: ScreenPoint, factor: number): void {
    this.byHand(zoomedAt(this.exact, at, factor, this.image, this.stage))
  }

  zoomBy(factor: number): void {
    this.zoomAt(onScreen(this.stage.width / 2, this.stage.height / 2), factor)
  }

  panBy(dx: number, dy: number): void {
    this.byHand(panned(this.exact, dx, dy))
  }

  /** Bring bounds into view: by moving when they fit at this scale, by framing them when not. Of the stage so many
   * pixels at the bottom are `covered`. */
  reveal(bounds: Bounds, covered = 0): void {
    const free: Size = { width: this.stage.width, height: Math.max(1, this.stage.height - covered) }
    if (encloses(seen(this.view, free), bounds)) return
    const framed = framing(bounds, free, REVEALED)
    const scale = Math.min(framed.scale, this.exact.scale)
    const middle = [(bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2] as const
    this.byHand({ scale, x: free.width / 2 - middle[0] * scale, y: free.height / 2 - middle[1] * scale })
  }

  /** Go where someone else looks, over the next frames. */
  follow(bounds: Bounds): void {
    this.goal = framing(bounds, this.stage)
  }

  stay(): void {
    this.goal = null
  }

  /** One frame of following; true while there is more of the way to go. */
  glide(): boolean {
    if (!this.goal) return false
    this.fits = false
    this.show(towards(this.exact, this.goal, GLIDE))
    if (sameView(this.exact, this.goal)) this.goal = null
    this.moved(false)
    return this.goal !== null
  }

  private byHand(view: View): void {
    this.goal = null
    this.fits = false
    this.show(inReach(view, this.image, this.stage))
    this.moved(true)
  }

  private show(view: View): void {
    this.exact = view
    this.view = fromDevice(this.onDevice, this.ratio)
  }
}
