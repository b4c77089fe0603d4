/** What moves or is marked: selection and handles, what is dragged or drawn, and the others with all of theirs. */

import type { Peer } from "../../../live/contract"
import { short } from "../../../ui/names"
import { t } from "../../../ui/strings"
import type { EditorState, ImagePoint, Point } from "../../contract"
import { between, overlap, type Size } from "../geometry"
import type { Lifts } from "../lifts"
import type { Drawn, Scene } from "../scene"
import { kindOf, onImageOnly, type ImageShape } from "../shapes"
import { handlesShown } from "../tools/grips"
import { NOTHING, type Sketch } from "../tools/tool"
import { placed, seen, toScreen, type View } from "../view"
import { fillOf, LINE, paintDrawn, paintShape, THIN } from "./ink"
import { addPane, clearPane, returnPane, sizePane } from "./pane"
import { paintFlag, paintTab, TAB_HEIGHT, tabWidth } from "./tabs"

/** All that the layer looks at; the view is in device pixels, of which `ratio` make a CSS pixel. */
export interface Sight {
  readonly view: View
  readonly ratio: number
  readonly scene: Scene
  readonly state: EditorState
  readonly sketch: Sketch
  /** The handle that is picked. */
  readonly picked: string | null
  /** The selected shape can be reshaped now. */
  readonly handles: boolean
  readonly lifts: Lifts
  readonly peers: ReadonlyMap<string, Peer>
}

const WHITE = "#ffffff"
const HANDLE = matchMedia("(pointer: coarse)").matches ? 14 : 9
const SMALLEST_HANDLE = 5 // on shapes so small that others would cover them
const ARROW = new Path2D("M0 0 L13 7.3 L7.3 8.9 L4.9 14.6 Z")
const ARROW_SIZE = 15

export class TopLayer {
  private readonly pane
  private device: Size = { width: 1, height: 1 }
  private blank = false

  constructor(parent: HTMLElement) {
    this.pane = addPane(parent)
  }

  resize(device: Size): void {
    this.device = device
    sizePane(this.pane, device)
  }

  close(): void {
    returnPane(this.pane)
  }

  draw(sight: Sight): void {
    const nothing = showsNothing(sight)
    if (nothing && this.blank) return
    this.blank = nothing
    clearPane(this.pane)
    const { on } = this.pane
    for (const peer of sight.peers.values()) this.peerShapes(on, sight, peer)
    for (const [id, { shape }] of sight.lifts.current) {
      const drawn = sight.scene.get(id)
      if (drawn && !sight.sketch.dragged?.has(id)) this.lifted(on, sight, drawn, shape)
    }
    this.ownMarks(on, sight)
    this.ownSketch(on, sight)
    for (const peer of sight.peers.values()) this.peerCursor(on, sight, peer)
  }

  /** A shape away from where its record says. */
  private lifted(on: CanvasRenderingContext2D, { view, ratio }: Sight, drawn: Drawn, shape: ImageShape): void {
    paintDrawn(on, { ...drawn, shape }, view, LINE, ratio)
    paintTab(on, { ...drawn, shape, bounds: kindOf(shape).bounds(shape) }, view, ratio)
  }

  private ownMarks(on: CanvasRenderingContext2D, sight: Sight): void {
    const { view, ratio, scene, state, sketch } = sight
    const here = seen(view, this.device)
    const hovered = state.hovered === null ? undefined : scene.get(state.hovered)
    if (hovered && !sketch.dragged && !sight.lifts.current.has(hovered.id)) {
      paintDrawn(on, hovered, view, LINE + 1, ratio)
    }
    for (const id of state.suggestion === null ? state.selection : [state.suggestion]) {
      const drawn = scene.get(id)
      if (!drawn || sketch.dragged?.has(id) || !overlap(drawn.bounds, here)) continue
      const shape = sight.lifts.current.get(id)?.shape ?? drawn.shape
      this.selected(on, sight, { ...drawn, shape, bounds: kindOf(shape).bounds(shape) })
    }
  }

  private selected(on: CanvasRenderingContext2D, sight: Sight, drawn: Drawn): void {
    const { view, ratio } = sight
    paintShape(on, drawn.shape, WHITE, view, (LINE + 2) * ratio, false)
    paintDrawn(on, drawn, view, LINE, ratio)
    if (sight.state.selection.size > 1) return
    paintTab(on, drawn, view, ratio)
    if (sight.handles) this.handles(on, sight, drawn)
  }

  private handles(on: CanvasRenderingContext2D, { view, ratio, picked }: Sight, { shape, bounds, color }: Drawn): void {
    const shortest = (Math.min(bounds.right - bounds.left, bounds.bottom - bounds.top) * view.scale) / ratio
    const full = between(shortest / 3, SMALLEST_HANDLE, HANDLE)
    for (const { key, kind, at } of handlesShown(shape, view.scale / ratio)) {
      const size = (kind === "middle" ? 0.7 * full : full) * ratio
      const [x, y] = toScreen(view, at)
      if (x < -size || y < -size || x > this.device.width + size || y > this.device.height + size) continue
      on.beginPath()
      if (kind === "middle" || kind === "vertex") on.arc(x, y, size / 2, 0, 2 * Math.PI)
      else on.roundRect(Math.round(x - size / 2), Math.round(y - size / 2), size, size, 2 * ratio)
      on.globalAlpha = kind === "middle" ? 0.7 : 1
      on.fillStyle = key === picked ? color : WHITE
      on.strokeStyle = key === picked ? WHITE : color
      on.lineWidth = LINE * ratio
      on.fill()
      on.stroke()
    }
    on.globalAlpha = 1
  }

  private ownSketch(on: CanvasRenderingContext2D, sight: Sight): void {
    const { view, ratio, scene, state, sketch } = sight
    for (const [id, shape] of sketch.dragged ?? []) {
      const drawn = scene.get(id)
      if (drawn) this.selected(on, sight, { ...drawn, shape, bounds: kindOf(shape).bounds(shape) })
    }
    if (sketch.shape) {
      const color = scene.color(state.label?.id)
      paintShape(on, sketch.shape, color, view, THIN * ratio)
      if (sketch.open) this.corners(on, sketch.shape, color, view, ratio)
      if (sketch.corner) this.corner(on, sketch.corner, color, view, ratio, true)
    }
    if (sketch.band) {
      const { left, top, right, bottom } = placed(sketch.band, view)
      on.fillStyle = fillOf(WHITE)
      on.strokeStyle = WHITE
      on.lineWidth = ratio
      on.fillRect(left, top, right - left, bottom - top)
      on.strokeRect(Math.round(left) + 0.5, Math.round(top) + 0.5, Math.round(right - left), Math.round(bottom - top))
    }
  }

  private corners(on: CanvasRenderingContext2D, shape: ImageShape, color: string, view: View, ratio: number): void {
    if (shape.type !== "polygon") return
    shape.points.forEach((point, index) => this.corner(on, point, color, view, ratio, index === 0))
  }

  private corner(
    on: CanvasRenderingContext2D,
    point: Point,
    color: string,
    view: View,
    ratio: number,
    first: boolean,
  ): void {
    const [x, y] = toScreen(view, point)
    on.beginPath()
    on.arc(x, y, (first ? HANDLE / 2 + 1 : 3) * ratio, 0, 2 * Math.PI)
    on.fillStyle = first ? WHITE : color
    on.strokeStyle = color
    on.lineWidth = LINE * ratio
    on.fill()
    on.stroke()
  }

  private peerShapes(on: CanvasRenderingContext2D, sight: Sight, { selection, draft, color }: Peer): void {
    const { view, ratio, scene } = sight
    for (const id of selection ?? []) {
      const drawn = scene.get(id)
      if (drawn && !sight.lifts.current.has(id)) this.ringed(on, sight, drawn, color, selection?.length === 1)
    }
    const shape = draft && !draft.annotation && onImageOnly(draft.shape)
    if (shape) paintShape(on, shape, color, view, THIN * ratio)
  }

  /** In their colour around its own, and with its label: theirs may be like another label's. */
  private ringed(
    on: CanvasRenderingContext2D,
    { view, ratio }: Sight,
    drawn: Drawn,
    color: string,
    named: boolean,
  ): void {
    paintShape(on, drawn.shape, color, view, (LINE + 4) * ratio, false)
    paintShape(on, drawn.shape, drawn.color, view, LINE * ratio, false)
    if (named) paintTab(on, drawn, view, ratio)
  }

  private peerCursor(on: CanvasRenderingContext2D, { view, ratio, scene }: Sight, peer: Peer): void {
    const { draft, color } = peer
    const shape = draft && onImageOnly(draft.shape)
    const at = peer.cursor ?? (shape && lastPoint(shape))
    if (!at) return
    const [x, y] = toScreen(view, at as ImagePoint)
    const name = short(peer.name)
    const known = { name, label: short(scene.name(draft?.label)) }
    const doing = draft?.annotation ? t("{name} · moving {label}", known) : t("{name} · drawing {label}", known)
    on.save()
    on.translate(x, y)
    on.scale(ratio, ratio)
    on.shadowColor = "rgb(0 0 0 / 0.6)"
    on.shadowBlur = 2 * ratio
    on.fillStyle = color
    if (peer.cursor) on.fill(ARROW)
    on.restore()
    const words = shape ? doing : name
    const left = Math.min(x + ARROW_SIZE * ratio, this.device.width - tabWidth(on, words, ratio))
    const top = Math.min(y + (ARROW_SIZE - TAB_HEIGHT / 4) * ratio, this.device.height - TAB_HEIGHT * ratio)
    paintFlag(on, words, color, left, top, ratio, [6 * ratio])
  }
}

/** A canvas that is not touched costs a frame nothing. */
function showsNothing({ state, sketch, lifts, peers }: Sight): boolean {
  const marked = state.selection.size > 0 || state.suggestion !== null || state.hovered !== null
  return sketch === NOTHING && !marked && !lifts.current.size && !peers.size
}

function lastPoint(shape: ImageShape): ImagePoint | undefined {
  if (shape.type === "polygon") return shape.points.at(-1)
  return [shape.x + shape.width, shape.y + shape.height]
}
