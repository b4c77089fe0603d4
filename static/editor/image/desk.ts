/** What the tools do to the sheet: every finished shape goes through here to the session. */

import type { Id, Operation, SheetSession } from "../../live/contract"
import { uuid } from "../../live/ids"
import { t } from "../../ui/strings"
import type { EditorState, StageProps } from "../contract"
import { accepting } from "../suggested"
import type { Camera } from "./camera"
import { around, shiftWithin, type Size } from "./geometry"
import type { Drawn, Scene } from "./scene"
import { kindOf, type ImageShape } from "./shapes"
import type { Desk } from "./tools/tool"

const NUDGED_AFTER = 350 // milliseconds without another arrow key

export class SheetDesk implements Desk {
  readonly state: EditorState
  /** Shapes on their way under the arrow keys; one press, however long, is one action. */
  readonly nudged = new Map<Id, ImageShape>()
  private readonly session: SheetSession
  private nudging: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly props: StageProps,
    readonly scene: Scene,
    private readonly camera: Camera,
    private readonly changed: () => void,
  ) {
    this.session = props.session
    this.state = props.state
  }

  get image(): Size {
    return this.camera.image
  }

  get scale(): number {
    return this.camera.view.scale
  }

  mayDraw(type: ImageShape["type"]): boolean {
    const { label, writable } = this.state
    if (!writable) this.warn(t("You can look at this item but not draw on it."))
    else if (!label) this.warn(t("Choose a label first: its shape takes it."))
    else if (!label.shapes.includes(type))
      this.warn(t("{label} takes another shape. Choose its tool, or another label.", { label: label.name }))
    else return true
    return false
  }

  create(shape: ImageShape): boolean {
    const { label } = this.state
    if (!this.mayDraw(shape.type) || !label) return false
    const annotation = uuid()
    this.session.apply([{ type: "create", annotation, label: label.id, shape }])
    this.state.selection = new Set([annotation])
    this.state.drawn = annotation
    return true
  }

  reshape(shapes: ReadonlyMap<Id, ImageShape>): void {
    const operations = [...shapes].flatMap(([annotation, shape]): Operation[] => {
      if (this.session.records.has(annotation)) return [{ type: "update", annotation, shape }]
      const suggestion = this.scene.suggestion(annotation)
      return suggestion ? [accepting(suggestion), { type: "update", annotation, shape }] : []
    })
    if (operations.length) this.session.apply(operations)
    const { suggestion } = this.state
    if (suggestion !== null && shapes.has(suggestion)) this.state.selection = new Set([suggestion])
  }

  hold(ids: Iterable<Id>): void {
    for (const id of ids) this.session.hold(id)
  }

  release(ids: Iterable<Id>): void {
    for (const id of ids) this.session.release(id)
  }

  warn(sentence: string): void {
    this.props.notify("warn", sentence)
  }

  /** Move the selection by image pixels, as far as the image goes; it is sent when the keys rest. */
  nudge(dx: number, dy: number): void {
    const { selection, writable } = this.state
    const drawn = [...selection].flatMap((id) => this.scene.get(id) ?? [])
    if (!writable || !drawn.length) return
    if (drawn.some(({ id }) => !this.nudged.has(id))) this.settle()
    if (!this.nudged.size) this.hold(drawn.map(({ id }) => id))
    const shapes = drawn.map(({ id, shape }: Drawn) => [id, this.nudged.get(id) ?? shape] as const)
    const [right, down] = shiftWithin(
      around(shapes.map(([, shape]) => kindOf(shape).bounds(shape))),
      dx,
      dy,
      this.image,
    )
    for (const [id, shape] of shapes) this.nudged.set(id, kindOf(shape).moved(shape, right, down))
    clearTimeout(this.nudging)
    this.nudging = setTimeout(() => this.settle(), NUDGED_AFTER)
    this.changed()
  }

  /** Send what was nudged. */
  settle(): void {
    const shapes = new Map([...this.nudged].map(([id, shape]) => [id, kindOf(shape).rounded(shape)]))
    if (shapes.size) this.reshape(shapes)
    this.giveUp()
  }

  /** Let go of what was nudged; true when there was something. */
  giveUp(): boolean {
    clearTimeout(this.nudging)
    const ids = [...this.nudged.keys()]
    this.nudged.clear()
    this.release(ids)
    if (ids.length) this.changed()
    return ids.length > 0
  }
}
