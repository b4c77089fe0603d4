/** The image stage: its layers, tools and camera put together, and drawn in one animation frame when something changed. */

import type { Id, Notice, SheetSession, Unsubscribe, ViewChange } from "../../live/contract"
import type { Draft } from "../../live/messages.gen"
import { t } from "../../ui/strings"
import type {
  EditorState,
  ImagePoint,
  Label,
  Place,
  StageCommands,
  StagePlaces,
  StageProps,
  Tool as ToolName,
} from "../contract"
import type { Suggestion } from "../suggested"
import { Camera } from "./camera"
import { SheetDesk } from "./desk"
import { around, boundsOf, onImage, onScreen, rounded, type Size } from "./geometry"
import { PhotoLayer } from "./layers/photo"
import { ShapesLayer } from "./layers/shapes"
import { TopLayer } from "./layers/top"
import { Lifts } from "./lifts"
import { Pointers, type Hands } from "./pointers"
import { Scene } from "./scene"
import { grip } from "./tools/grips"
import { PolygonTool } from "./tools/polygon"
import { RectangleTool } from "./tools/rectangle"
import { SelectTool } from "./tools/select"
import { NOTHING, type Press, type Sketch, type Tool } from "./tools/tool"
import { placed, sameView, toScreen, type View } from "./view"

/** How long the shapes may be painted in one frame, in milliseconds; the rest of the frame is the photo's and the browser's. */
const PAINTING = 6

export class Stage implements StageCommands, Hands {
  readonly camera: Camera
  private readonly session: SheetSession
  private readonly state: EditorState
  private readonly scene = new Scene()
  private readonly lifts = new Lifts()
  private readonly photo: PhotoLayer
  private readonly shapes: ShapesLayer
  private readonly top: TopLayer
  private readonly desk: SheetDesk
  private readonly select: SelectTool
  private readonly tools: Readonly<Record<ToolName, Tool>>
  private readonly pointers: Pointers
  private readonly listeners: Unsubscribe[]
  private readonly zoomListeners = new Set<() => void>()
  private readonly moveListeners = new Set<() => void>()
  readonly places: StagePlaces = {
    boxes: (place) => (place.type === "point" ? [this.spot(onImage(place.x, place.y))] : []),
    at: (x, y) => this.placeAt(x, y),
    marked: null,
    wordsOf: () => "",
    onMove: (listener) => {
      this.moveListeners.add(listener)
      return () => this.moveListeners.delete(listener)
    },
    reveal: (place, covered) => {
      if (place.type !== "point") return
      this.camera.reveal({ left: place.x, right: place.x, top: place.y, bottom: place.y }, covered)
    },
  }
  private toolName: ToolName
  /** The pointer has the selected shape's handle, whichever tool is chosen. */
  private reshapes = false
  /** As it was told last. */
  private writable: boolean
  private labels: ReadonlyMap<number, Label> = new Map()
  private shown: View | null = null
  private topStale = true
  private told: Draft | null = null
  private toldSelection: ReadonlySet<Id> = new Set()
  private frame = 0

  constructor(
    private readonly root: HTMLElement,
    props: StageProps,
  ) {
    this.session = props.session
    this.state = props.state
    this.toolName = props.state.tool
    this.writable = props.state.writable
    const image: Size = { width: props.item.width ?? 1, height: props.item.height ?? 1 }
    this.camera = new Camera(image, (byHand) => this.moved(byHand))
    this.photo = new PhotoLayer(root, props.item, () => this.redraw())
    this.shapes = new ShapesLayer(root, this.scene)
    this.top = new TopLayer(root)
    this.desk = new SheetDesk(props, this.scene, this.camera, () => this.touched(null))
    this.select = new SelectTool(this.desk)
    const [rectangle, polygon] = [new RectangleTool(this.desk), new PolygonTool(this.desk)]
    this.tools = { select: this.select, span: this.select, rectangle, polygon }
    this.pointers = new Pointers(root, this)
    this.listeners = [
      this.session.onView((change) => this.recordsChanged(change)),
      this.session.onPeers(() => this.peersChanged()),
      this.session.onState(() => this.schedule()),
      this.session.onNotice((notice) => this.noticed(notice)),
    ]
  }

  // What the component tells -------------------------------------------------------------------------------------------

  /** Rejects when the photo cannot be had. */
  load(): Promise<void> {
    return this.photo.load()
  }

  resize(css: Size, device: Size): void {
    this.photo.resize(device)
    this.shapes.resize(device, device.width / css.width)
    this.top.resize(device)
    this.camera.resize(css, device.width / css.width)
    this.redraw()
    // In this frame: an emptied canvas must not be seen.
    cancelAnimationFrame(this.frame)
    this.draw()
  }

  setLabels(labels: ReadonlyMap<number, Label>): void {
    this.labels = labels
    this.takeAll()
  }

  setSuggestions(suggestions: ReadonlyMap<Id, Suggestion>): void {
    this.shapes.changed(this.scene.suggest(suggestions, this.session.records))
    if ([...(this.sketch.dragged?.keys() ?? [])].some((id) => !this.scene.get(id))) this.drop()
    this.touched(null)
  }

  /** The editor's state has changed: its tool, selection, whom one follows, or whether one may write. */
  stateChanged(): void {
    const { tool, writable } = this.state
    const retired = this.writable && !writable
    this.writable = writable
    if (retired && this.cancel())
      this.desk.warn(t("You may no longer change this item, so what you had begun was not kept."))
    if (tool !== this.toolName) {
      this.tool.cancel()
      this.toolName = tool
      this.reshapes = false
    }
    const { picked } = this.select
    if (picked && !this.state.selection.has(picked.id)) this.select.picked = null
    if (this.desk.nudged.size && [...this.desk.nudged.keys()].some((id) => !this.state.selection.has(id)))
      this.desk.settle()
    if (this.state.selection !== this.toldSelection) {
      this.toldSelection = this.state.selection
      this.session.present({ selection: [...this.toldSelection] })
    }
    this.follow()
    this.touched(null)
  }

  /** Send what the arrow keys have moved: the person leaves. */
  settle(): void {
    this.desk.settle()
  }

  close(): void {
    cancelAnimationFrame(this.frame)
    this.tool.cancel()
    this.state.awaitsCorner = false
    this.settle()
    for (const stop of this.listeners) stop()
    this.pointers.close()
    for (const layer of [this.photo, this.shapes, this.top]) layer.close()
  }

  // What buttons, keys and the palette ask -----------------------------------------------------------------------------

  get zoom(): number {
    return this.camera.view.scale
  }

  fit(): void {
    this.camera.fit()
  }

  zoomBy(factor: number): void {
    this.camera.zoomBy(factor)
  }

  onZoom(listener: () => void): () => void {
    this.zoomListeners.add(listener)
    return () => this.zoomListeners.delete(listener)
  }

  get unfinished(): boolean {
    return this.tool.sketch.open === true
  }

  reveal(ids: Id[]): void {
    const bounds = ids.flatMap((id) => this.scene.get(id)?.bounds ?? [])
    if (bounds.length) this.camera.reveal(around(bounds))
  }

  boxOf(id: Id) {
    const bounds = this.scene.get(id)?.bounds
    if (!bounds) return null
    const { left, top } = this.root.getBoundingClientRect()
    const box = placed(bounds, this.camera.view)
    return { left: left + box.left, top: top + box.top, right: left + box.right, bottom: top + box.bottom }
  }

  cancel(): boolean {
    return this.after(this.tool.cancel() || this.desk.giveUp())
  }

  finish(): boolean {
    return this.after(this.tool.finish())
  }

  stepBack(): boolean {
    return this.after(this.tool.stepBack() || this.select.stepBack())
  }

  nudge(dx: number, dy: number): void {
    this.desk.nudge(dx, dy)
  }

  private after(done: boolean): boolean {
    this.touched(null)
    return done
  }

  // Hands --------------------------------------------------------------------------------------------------------------

  get tool(): Tool {
    return this.reshapes ? this.select : this.tools[this.toolName]
  }

  toolAt(press: Press | null): Tool {
    const idle = this.tools[this.toolName].sketch === NOTHING
    this.reshapes = press !== null && idle && grip(this.desk, press) !== null
    return this.tool
  }

  touched(press: Press | null): void {
    if (press) this.session.present({ cursor: [rounded(press.at[0]), rounded(press.at[1])] })
    this.tellDraft()
    this.root.style.cursor = this.pointers.cursor
    this.topStale = true
    this.schedule()
  }

  left(): void {
    this.session.present({ cursor: null })
    this.touched(null)
  }

  /** What is unfinished: the tool's, or what the arrow keys move. */
  private get sketch(): Sketch {
    const { sketch } = this.tool
    return sketch === NOTHING && this.desk.nudged.size ? { dragged: this.desk.nudged } : sketch
  }

  private tellDraft(): void {
    const { shape, dragged, corner } = this.sketch
    this.state.awaitsCorner = corner !== undefined
    const [held] = dragged ?? []
    let draft: Draft | null = null
    if (held) draft = { shape: held[1], annotation: held[0], label: this.session.records.get(held[0])?.label ?? null }
    else if (shape) draft = { shape, label: this.state.label?.id ?? null }
    if (draft || this.told) this.session.present({ draft })
    this.told = draft
  }

  private moved(byHand: boolean): void {
    if (byHand && this.state.following !== null) this.state.following = null
    this.schedule()
    for (const listener of this.moveListeners) listener()
  }

  private spot(at: ImagePoint): { left: number; top: number; bottom: number; width: number } {
    const { left, top } = this.root.getBoundingClientRect()
    const [x, y] = toScreen(this.camera.view, at)
    return { left: left + x, top: top + y, bottom: top + y, width: 0 }
  }

  private placeAt(x: number, y: number): Place | null {
    const { left, top } = this.root.getBoundingClientRect()
    const at = this.camera.toImage(onScreen(x - left, y - top))
    const { width, height } = this.camera.image
    const inside = at[0] >= 0 && at[1] >= 0 && at[0] <= width && at[1] <= height
    return inside ? { type: "point", x: Math.round(at[0] * 10) / 10, y: Math.round(at[1] * 10) / 10 } : null
  }

  // The session --------------------------------------------------------------------------------------------------------

  private takeAll(): void {
    this.scene.reset(this.session.records, this.labels)
    this.shapes.paintAnew()
    this.redraw()
  }

  private recordsChanged({ ids }: ViewChange): void {
    const held = [...(this.sketch.dragged?.keys() ?? [])]
    if (held.some((id) => !this.session.records.has(id) && !this.scene.get(id)?.suggested)) this.drop()
    this.lifts.arrived(ids)
    if (ids === "all") this.takeAll()
    else this.shapes.changed(this.scene.update(this.session.records, ids))
    this.topStale = true
    this.schedule()
  }

  /** Someone has deleted what one drags: the session says so, the drag ends here. */
  private noticed({ code, annotation }: Notice): void {
    if (code === "deleted" && annotation && this.sketch.dragged?.has(annotation)) this.drop()
  }

  private drop(): void {
    this.tool.cancel()
    this.desk.giveUp()
    this.touched(null)
  }

  private peersChanged(): void {
    this.lifts.update(this.session.peers, performance.now())
    this.follow()
    this.topStale = true
    this.schedule()
  }

  private follow(): void {
    const { following } = this.state
    const view = following === null ? null : this.session.peers.get(following)?.view
    if (!view) return this.camera.stay()
    const [left, top, right, bottom] = view
    this.camera.follow(
      boundsOf([
        [left, top],
        [right, bottom],
      ]),
    )
    this.schedule()
  }

  // Frames -------------------------------------------------------------------------------------------------------------

  private redraw(): void {
    this.shown = null
    this.topStale = true
    this.schedule()
  }

  private schedule(): void {
    this.frame ||= requestAnimationFrame(() => this.draw())
  }

  private draw(): void {
    this.frame = 0
    const gliding = this.camera.glide()
    const lingering = this.lifts.expire(performance.now())
    const view = this.camera.onDevice
    if (!sameView(view, this.shown)) this.viewChanged(view)
    const dragged = this.sketch.dragged?.keys() ?? []
    this.shapes.hide(new Set([...dragged, ...this.lifts.current.keys()]))
    const whole = this.shapes.frame(view, performance.now() + PAINTING)
    if (this.topStale || lingering) this.drawTop(view)
    this.tellDrawn(whole && this.photo.ready && this.session.known)
    if (!whole || gliding || lingering) this.schedule()
  }

  private viewChanged(view: View): void {
    this.shown = view
    this.photo.draw(view)
    this.topStale = true
    this.tellView()
    for (const listener of this.zoomListeners) listener()
    const { scale, x, y } = this.camera.view
    this.root.dataset.view = `${scale} ${x} ${y}`
  }

  /** Whoever follows shows no view of their own: two who follow each other would drive each other away. */
  private tellView(): void {
    const { left, top, right, bottom } = this.camera.seen
    const own = this.state.following === null
    this.session.present({ view: own ? [rounded(left), rounded(top), rounded(right), rounded(bottom)] : null })
  }

  private drawTop(view: View): void {
    this.topStale = false
    const { scene, state, lifts, sketch } = this
    const handles = state.writable && !sketch.shape
    const sight = { view, ratio: this.camera.ratio, scene, state, lifts, sketch, handles, peers: this.session.peers }
    this.top.draw({ ...sight, picked: this.select.picked?.key ?? null })
  }

  /** For tests and measurements: how many shapes stand on the stage, once all of them and the photo do. */
  private tellDrawn(all: boolean): void {
    const drawn = all ? String(this.scene.size) : ""
    this.root.dataset.suggested = String(this.scene.suggested)
    if (this.root.dataset.drawn === drawn) return
    this.root.dataset.drawn = drawn
    if (all) performance.mark("stage:drawn", { detail: { shapes: this.scene.size } })
  }
}
