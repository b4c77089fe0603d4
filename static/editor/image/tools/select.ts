/** Selects, moves and reshapes what is there. */

import type { Id } from "../../../live/contract"
import { t } from "../../../ui/strings"
import type { Point } from "../../contract"
import { around, boundsOf, distance, encloses, shiftWithin, within, type Bounds } from "../geometry"
import type { Drawn } from "../scene"
import { kindOf, type ImageShape } from "../shapes"
import { grip, type Grip } from "./grips"
import { NOTHING, slack, type Desk, type Press, type Sketch, type Tool } from "./tool"

type Shapes = ReadonlyMap<Id, ImageShape>

type State =
  | { readonly kind: "idle" }
  /** The hand is down on shapes (`hits`) or on empty ground, and has not moved yet. */
  | { readonly kind: "pressed"; readonly press: Press; readonly hits: readonly Drawn[] }
  | { readonly kind: "moving"; readonly from: Point; readonly originals: readonly Drawn[]; readonly shapes: Shapes }
  | { readonly kind: "reshaping"; readonly press: Press; readonly grip: Grip; readonly shapes: Shapes }
  | { readonly kind: "banding"; readonly from: Point; readonly band: Bounds; readonly before: ReadonlySet<Id> }

const IDLE: State = { kind: "idle" }
const DOUBLE_CLICK = 400 // milliseconds
const SAME_PLACE = 4 // CSS pixels: clicks this near each other go through what lies there

export class SelectTool implements Tool {
  cursor = "default"
  /** The picked vertex of the selected polygon; Delete removes it. */
  picked: { readonly id: Id; readonly key: string } | null = null
  private state: State = IDLE
  private pickedAt = -Infinity
  private lastClick: Point | null = null

  constructor(private readonly desk: Desk) {}

  get sketch(): Sketch {
    if (this.state.kind === "moving" || this.state.kind === "reshaping") return { dragged: this.state.shapes }
    return this.state.kind === "banding" ? { band: this.state.band } : NOTHING
  }

  down(press: Press): "drag" | "tap" {
    const held = grip(this.desk, press)
    if (held && press.alt && this.removeVertex(held)) return "drag"
    if (held) {
      this.state = { kind: "reshaping", press, grip: held, shapes: new Map() }
      return "drag"
    }
    const hits = this.hits(press)
    this.state = { kind: "pressed", press, hits }
    const selected = hits.some(({ id }) => this.isSelected(id))
    if (hits.length) return this.desk.state.writable && (selected || !press.touch) ? "drag" : "tap"
    return press.touch ? "tap" : "drag"
  }

  move(press: Press): void {
    const { state } = this
    if (state.kind === "pressed" && distance(press.screen, state.press.screen) >= slack(press)) this.begin(state)
    if (
      state.kind === "reshaping" &&
      (state.shapes.size || distance(press.screen, state.press.screen) >= slack(press))
    ) {
      this.reshape(state, press)
    }
    if (this.state.kind === "moving") this.state = { ...this.state, shapes: this.moved(this.state, press.at) }
    if (this.state.kind === "banding") this.stretch(this.state, press)
  }

  up(press: Press): void {
    const { state } = this
    this.state = IDLE
    if (state.kind === "pressed") this.click(press, state.hits)
    if (state.kind === "reshaping" && !state.shapes.size) this.pick(state.grip)
    if (state.kind === "moving" || state.kind === "reshaping") this.drop(state.shapes)
  }

  hover(press: Press | null): void {
    const held = press && grip(this.desk, press)
    const hit = press && !held ? this.hits(press)[0] : undefined
    this.desk.state.hovered = hit?.id ?? null
    const movable = hit && this.desk.state.writable && (!hit.suggested || this.isSelected(hit.id))
    this.cursor = held?.cursor ?? (movable ? "move" : hit?.suggested ? "pointer" : "default")
  }

  interrupt(): void {
    this.cancel()
  }

  cancel(): boolean {
    const { state } = this
    this.state = IDLE
    if (state.kind === "moving" || state.kind === "reshaping") this.desk.release(state.shapes.keys())
    if (state.kind === "banding") this.desk.state.selection = state.before
    return "shapes" in state ? state.shapes.size > 0 : state.kind === "banding"
  }

  finish(): boolean {
    return false
  }

  stepBack(): boolean {
    const { picked } = this
    return picked !== null && this.desk.state.writable && this.removeVertex(picked)
  }

  /** A vertex is picked by a click and removed by a double-click. */
  private pick({ id, key }: Grip): void {
    const again = this.picked?.id === id && this.picked.key === key && performance.now() - this.pickedAt < DOUBLE_CLICK
    if (again && this.removeVertex({ id, key })) return
    this.picked = key.startsWith("v") ? { id, key } : null
    this.pickedAt = performance.now()
  }

  private removeVertex({ id, key }: { readonly id: Id; readonly key: string }): boolean {
    this.picked = null
    const drawn = this.desk.scene.get(id)
    if (!drawn || !key.startsWith("v") || !this.desk.state.selection.has(id)) return false
    const without = kindOf(drawn.shape).without(drawn.shape, key)
    if (without) this.keep(new Map([[id, without]]))
    else this.desk.warn(t("A polygon keeps at least three corners. Delete the whole shape instead."))
    return true
  }

  private hits(press: Press): Drawn[] {
    return this.desk.scene.hits(press.at, (press.touch ? 12 : 4) / this.desk.scale)
  }

  /** The hand has moved: it drags what it is on, or draws a band round what it wants. */
  private begin({ press, hits: all }: Extract<State, { kind: "pressed" }>): void {
    const { state, scene } = this.desk
    const hits = all.filter(({ id, suggested }) => !suggested || this.isSelected(id))
    if (!hits.length) {
      const before = press.shift ? state.selection : new Set<Id>()
      this.state = { kind: "banding", from: press.at, band: boundsOf([press.at]), before }
      return
    }
    const first = hits[0] as Drawn
    if (!hits.some(({ id }) => this.isSelected(id))) state.selection = new Set([first.id])
    this.picked = null
    const ids = state.suggestion === null ? [...state.selection] : [state.suggestion]
    const originals = ids.flatMap((id) => scene.get(id) ?? [])
    this.desk.hold(originals.map(({ id }) => id))
    this.state = {
      kind: "moving",
      from: press.at,
      originals,
      shapes: new Map(originals.map(({ id, shape }) => [id, shape])),
    }
  }

  private moved({ from, originals }: Extract<State, { kind: "moving" }>, to: Point): Shapes {
    const bounds = around(originals.map((drawn) => drawn.bounds))
    const [dx, dy] = shiftWithin(bounds, to[0] - from[0], to[1] - from[1], this.desk.image)
    return new Map(originals.map(({ id, shape }) => [id, kindOf(shape).moved(shape, dx, dy)]))
  }

  private reshape(state: Extract<State, { kind: "reshaping" }>, press: Press): void {
    const { id, key, shape, offset } = state.grip
    if (!state.shapes.size) {
      this.picked = null
      this.desk.hold([id])
    }
    const to = within([press.at[0] + offset[0], press.at[1] + offset[1]], this.desk.image)
    this.state = { ...state, shapes: new Map([[id, kindOf(shape).dragged(shape, key, to, press.shift)]]) }
  }

  private stretch(state: Extract<State, { kind: "banding" }>, press: Press): void {
    const band = boundsOf([state.from, press.at])
    this.state = { ...state, band }
    const inside = this.desk.scene.search(band).filter(({ bounds, suggested }) => !suggested && encloses(band, bounds))
    this.desk.state.selection = new Set([...state.before, ...inside.map(({ id }) => id)])
  }

  private drop(shapes: Shapes): void {
    this.keep(shapes)
    this.desk.release(shapes.keys())
  }

  private keep(shapes: Shapes): void {
    const rounded = new Map([...shapes].map(([id, shape]) => [id, kindOf(shape).rounded(shape)]))
    const problem = [...rounded.values()].map((shape) => kindOf(shape).problem(shape)).find(Boolean)
    if (problem) this.desk.warn(problem)
    else if (rounded.size) this.desk.reshape(rounded)
  }

  private isSelected(id: Id): boolean {
    return this.desk.state.suggestion === id || this.desk.state.selection.has(id)
  }

  private click(press: Press, hits: readonly Drawn[]): void {
    const { state } = this.desk
    const again = this.lastClick !== null && distance(this.lastClick, press.screen) <= SAME_PLACE
    this.lastClick = press.screen
    this.picked = null
    const selected = state.selection.size <= 1 ? hits.findIndex(({ id }) => this.isSelected(id)) : -1
    const hit = hits[again ? (selected + 1) % hits.length : 0]
    if (!hit) state.selection = press.shift ? state.selection : new Set()
    else if (hit.suggested) state.suggestion = hit.id
    else state.selection = press.shift ? toggled(state.selection, hit.id) : new Set([hit.id])
  }
}

function toggled(selection: ReadonlySet<Id>, id: Id): Set<Id> {
  const next = new Set(selection)
  if (!next.delete(id)) next.add(id)
  return next
}
