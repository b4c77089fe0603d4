/** Draws rectangles: by dragging from corner to corner, or by two taps. Shift makes squares. */

import type { Point } from "../../contract"
import { distance, within } from "../geometry"
import { kindOf } from "../shapes"
import { spanning } from "../shapes/rectangle"
import { NOTHING, slack, type Desk, type Press, type Sketch, type Tool } from "./tool"

/** `anchored`: the first corner is tapped, the second is awaited. */
type State =
  | { readonly kind: "idle" }
  | {
      readonly kind: "dragging" | "anchored"
      readonly from: Point
      readonly start: Point
      readonly to: Point
      readonly square: boolean
    }

const IDLE: State = { kind: "idle" }

export class RectangleTool implements Tool {
  readonly cursor = "crosshair"
  private state: State = IDLE
  /** As it was before this gesture. */
  private before: State = IDLE

  constructor(private readonly desk: Desk) {}

  get sketch(): Sketch {
    if (this.state.kind === "idle") return NOTHING
    const shape = this.rectangle(this.state)
    return this.state.kind === "anchored" ? { shape, corner: this.state.from } : { shape }
  }

  down(press: Press): "drag" {
    this.before = this.state
    if (this.state.kind === "anchored") this.follow(press, "dragging")
    else if (this.desk.mayDraw("rectangle")) {
      const from = within(press.at, this.desk.image)
      this.state = { kind: "dragging", from, start: press.screen, to: from, square: press.shift }
    }
    return "drag"
  }

  move(press: Press): void {
    this.follow(press, "dragging")
  }

  up(press: Press): void {
    if (this.state.kind === "idle") return
    this.follow(press, "anchored")
    if (distance(this.state.start, press.screen) < slack(press)) {
      if (!press.touch && this.before.kind === "idle") this.pickSuggestion(press)
      return
    }
    const shape = kindOf(this.rectangle(this.state)).rounded(this.rectangle(this.state))
    const problem = kindOf(shape).problem(shape)
    if (problem) this.desk.warn(problem)
    if (problem || this.desk.create(shape)) this.state = IDLE
  }

  /** With a mouse one drags boxes: a click on a suggestion means that. */
  private pickSuggestion(press: Press): void {
    const { scene, state, scale } = this.desk
    const hit = scene.hits(press.at, 4 / scale).find(({ suggested }) => suggested)
    if (!hit) return
    state.suggestion = hit.id
    this.state = IDLE
  }

  hover(press: Press | null): void {
    if (press) this.follow(press, "anchored")
  }

  interrupt(): void {
    this.state = this.before
  }

  cancel(): boolean {
    const unfinished = this.state.kind !== "idle"
    this.state = IDLE
    return unfinished
  }

  finish(): boolean {
    return false
  }

  stepBack(): boolean {
    return this.cancel()
  }

  private follow(press: Press, kind: "dragging" | "anchored"): void {
    if (this.state.kind !== "idle") this.state = { ...this.state, kind, to: press.at, square: press.shift }
  }

  private rectangle({ from, to, square }: Exclude<State, { kind: "idle" }>) {
    return spanning(from, to, this.desk.image, square ? 1 : null)
  }
}
