/**
 * The shapes that stand still, kept as a picture. Panning shifts its pixels and paints only the strips that come in;
 * zooming stretches it while a new one is painted behind it, a few milliseconds a frame; a change paints only its place.
 */

import type { Id } from "../../../live/contract"
import { grown, overlap, type Bounds, type Size } from "../geometry"
import type { Drawn, Scene } from "../scene"
import { placed, sameView, seen, type View } from "../view"
import { LINE, paintDrawn } from "./ink"
import { addPane, clearPane, returnPane, sizePane, type Pane } from "./pane"
import { paintTab, TAB_HEIGHT, Tabs } from "./tabs"

/** More shapes than this are not painted at once but as a new picture. */
const AT_ONCE = 1500
const MOST_MENDS = 300
const PAINTS_A_LOOK_AT_THE_CLOCK = 32

/** A canvas and what it shows. */
interface Picture {
  readonly pane: Pane
  view: View | null
  tabs: Tabs | null
}

interface Painting {
  readonly view: View
  readonly tabs: Tabs
  readonly shapes: Drawn[]
  /** Shapes first, then, counted on, their tabs. */
  next: number
  /** What changed meanwhile. */
  readonly missed: Drawn[]
}

export class ShapesLayer {
  private front: Picture
  private back: Picture
  private painting: Painting | null = null
  private changes: Drawn[] = []
  private outdated = true
  private hidden: ReadonlySet<Id> = new Set()
  private device: Size = { width: 1, height: 1 }
  private ratio = 1

  constructor(
    parent: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.front = { pane: addPane(parent), view: null, tabs: null }
    this.back = { pane: addPane(parent), view: null, tabs: null }
  }

  resize(device: Size, ratio: number): void {
    this.device = device
    this.ratio = ratio
    for (const picture of [this.front, this.back]) sizePane(picture.pane, device)
    this.front.view = null
    this.paintAnew()
  }

  close(): void {
    for (const { pane } of [this.front, this.back]) returnPane(pane)
  }

  /** Everything may have changed. */
  paintAnew(): void {
    this.outdated = true
    this.painting = null
    this.changes = []
  }

  /** What stood there before and what stands there now. */
  changed(drawn: Drawn[]): void {
    this.changes.push(...drawn)
    this.painting?.missed.push(...drawn)
    if (this.changes.length > MOST_MENDS) this.outdated = true
  }

  /** Leave these out: they are drawn elsewhere while somebody drags them. */
  hide(ids: ReadonlySet<Id>): void {
    const others = [...ids].filter((id) => !this.hidden.has(id)).concat([...this.hidden].filter((id) => !ids.has(id)))
    if (!others.length) return
    this.hidden = new Set(ids)
    this.changed(others.flatMap((id) => this.scene.get(id) ?? []))
  }

  /** One frame; true when everything stands as it should. `until` is when to stop painting, by `performance.now()`. */
  frame(view: View, until: number): boolean {
    const crisp = this.front.view?.scale === view.scale
    if (!crisp || this.outdated) {
      this.painting ??= this.begin(view)
      this.paintOn(this.painting, until)
    } else {
      this.painting = null
    }
    this.place(view)
    if (sameView(this.front.view, view) && !this.outdated) this.mend()
    return !this.painting && !this.outdated && sameView(this.front.view, view)
  }

  private begin(view: View): Painting {
    clearPane(this.back.pane)
    const tabs = new Tabs(this.back.pane.on, view.scale, this.ratio)
    this.outdated = false
    const reach = this.reach({ left: 0, top: 0, right: this.device.width, bottom: this.device.height }, view)
    return { view, tabs, shapes: this.scene.all().filter(({ bounds }) => overlap(bounds, reach)), next: 0, missed: [] }
  }

  private paintOn(painting: Painting, until: number): void {
    const { on } = this.back.pane
    const { shapes, view, tabs } = painting
    for (; painting.next < 2 * shapes.length; painting.next++) {
      if (painting.next % PAINTS_A_LOOK_AT_THE_CLOCK === 0 && performance.now() > until) return
      const drawn = shapes[painting.next % shapes.length] as Drawn
      if (painting.next < shapes.length) this.paintShape(on, drawn, view)
      else this.paintTab(on, drawn, view, tabs)
    }
    this.swap(painting)
  }

  private swap({ view, tabs, missed }: Painting): void {
    ;[this.front, this.back] = [this.back, this.front]
    this.front.view = view
    this.front.tabs = tabs
    this.front.pane.canvas.style.visibility = "visible"
    this.back.pane.canvas.style.visibility = "hidden"
    this.changes = missed
    this.painting = null
  }

  /** Bring the picture to where the view is: stretched when the scale is another, else by shifting its pixels. */
  private place(view: View): void {
    const { view: from, pane } = this.front
    if (!from) return
    if (from.scale !== view.scale) {
      const k = view.scale / from.scale
      const [x, y] = [(view.x - from.x * k) / this.ratio, (view.y - from.y * k) / this.ratio]
      pane.canvas.style.transform = `matrix(${k}, 0, 0, ${k}, ${x}, ${y})`
      return
    }
    if (pane.canvas.style.transform) pane.canvas.style.transform = ""
    const [dx, dy] = [view.x - from.x, view.y - from.y]
    this.front.view = view
    if (dx || dy) this.shift(pane, dx, dy)
  }

  private shift({ canvas, on }: Pane, dx: number, dy: number): void {
    on.globalCompositeOperation = "copy"
    on.drawImage(canvas, dx, dy)
    on.globalCompositeOperation = "source-over"
    const { width, height } = this.device
    if (dx) this.paintPlace({ left: dx > 0 ? 0 : width + dx, right: dx > 0 ? dx : width, top: 0, bottom: height })
    if (dy) this.paintPlace({ left: 0, right: width, top: dy > 0 ? 0 : height + dy, bottom: dy > 0 ? dy : height })
  }

  private mend(): void {
    const { view, tabs } = this.front
    if (!view || !tabs || !this.changes.length) return
    for (const { id } of this.changes) tabs.forget(id)
    for (const { bounds } of this.changes) this.paintPlace(this.reachOnDevice(placed(bounds, view)))
    this.changes = []
  }

  /** Paint one place of the picture again, in device pixels. */
  private paintPlace(place: Bounds): void {
    const { pane, view, tabs } = this.front
    const left = Math.max(0, Math.floor(place.left))
    const top = Math.max(0, Math.floor(place.top))
    const width = Math.min(this.device.width, Math.ceil(place.right)) - left
    const height = Math.min(this.device.height, Math.ceil(place.bottom)) - top
    if (!view || !tabs || width <= 0 || height <= 0) return
    const found = this.scene.search(this.reach({ left, top, right: left + width, bottom: top + height }, view))
    if (found.length > AT_ONCE) {
      this.outdated = true
      return
    }
    const { on } = pane
    on.save()
    on.beginPath()
    on.rect(left, top, width, height)
    on.clip()
    on.clearRect(left, top, width, height)
    for (const drawn of found) this.paintShape(on, drawn, view)
    for (const drawn of found) this.paintTab(on, drawn, view, tabs)
    on.restore()
  }

  private paintShape(on: CanvasRenderingContext2D, drawn: Drawn, view: View): void {
    if (!this.hidden.has(drawn.id)) paintDrawn(on, drawn, view, LINE, this.ratio)
  }

  private paintTab(on: CanvasRenderingContext2D, drawn: Drawn, view: View, tabs: Tabs): void {
    if (!this.hidden.has(drawn.id) && tabs.shows(drawn)) paintTab(on, drawn, view, this.ratio)
  }

  /** The place with all that a shape's line and tab add to its bounds. */
  private reachOnDevice(place: Bounds): Bounds {
    const wide = grown(place, (LINE + 1) * this.ratio)
    return { ...wide, top: wide.top - TAB_HEIGHT * this.ratio }
  }

  /** The image's part whose shapes can show in the place. */
  private reach(place: Bounds, view: View): Bounds {
    const { left, top, right, bottom } = grown(place, (LINE + 1) * this.ratio)
    const shifted = { ...view, x: view.x - left, y: view.y - top }
    return seen(shifted, { width: right - left, height: bottom + TAB_HEIGHT * this.ratio - top })
  }
}
