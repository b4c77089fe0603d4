/** Draws polygons: a click a corner; the first corner, the last one again, or Enter closes it. */

import type { Polygon } from "../../../live/messages.gen"
import type { ImagePoint, Point } from "../../contract"
import { distance, within } from "../geometry"
import { kindOf } from "../shapes"
import { NOTHING, reach, type Desk, type Press, type Sketch, type Tool } from "./tool"

const FEWEST = 3

export class PolygonTool implements Tool {
  readonly cursor = "crosshair"
  private corners: readonly ImagePoint[] = []
  /** Where the next corner would go. */
  private next: ImagePoint | null = null
  /** The button is down on the newest corner, which moves with it. */
  private placing = false

  constructor(private readonly desk: Desk) {}

  get sketch(): Sketch {
    if (!this.corners.length) return NOTHING
    const next = this.placing || !this.next ? [] : [this.next]
    return { shape: polygonOf([...this.corners, ...next]), open: true }
  }

  down(press: Press): "drag" | "tap" {
    if (press.touch) return "tap"
    this.click(press)
    return "drag"
  }

  move(press: Press): void {
    const at = within(press.at, this.desk.image)
    if (this.placing) this.corners = [...this.corners.slice(0, -1), at]
  }

  up(press: Press): void {
    if (press.touch) this.click(press)
    this.placing = false
  }

  hover(press: Press | null): void {
    this.next = press && !press.touch ? within(press.at, this.desk.image) : null
  }

  interrupt(): void {
    if (this.placing) this.stepBack()
    this.placing = false
  }

  cancel(): boolean {
    const unfinished = this.corners.length > 0
    this.clear()
    return unfinished
  }

  finish(): boolean {
    if (!this.corners.length) return false
    const drawn = polygonOf(this.corners)
    const shape = kindOf(drawn).rounded(drawn)
    const problem = kindOf(shape).problem(shape)
    if (problem) this.desk.warn(problem)
    else if (this.desk.create(shape)) this.clear()
    return true
  }

  stepBack(): boolean {
    const unfinished = this.corners.length > 0
    this.corners = this.corners.slice(0, -1)
    return unfinished
  }

  private click(press: Press): void {
    const isAt = (corner: Point | undefined) => !!corner && distance(corner, press.at) * this.desk.scale <= reach(press)
    const closes = isAt(this.corners[0]) || isAt(this.corners.at(-1))
    if (closes && this.corners.length >= FEWEST) this.finish()
    else if (!closes && (this.corners.length || this.desk.mayDraw("polygon"))) {
      this.corners = [...this.corners, within(press.at, this.desk.image)]
      this.placing = !press.touch
    }
  }

  private clear(): void {
    this.corners = []
    this.next = null
    this.placing = false
  }
}

const polygonOf = (points: readonly Point[]): Polygon => ({ type: "polygon", points: points.map(([x, y]) => [x, y]) })
