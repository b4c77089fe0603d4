/**
 * Turns pointers, wheels and pinches into moves of the camera and presses of the tool. One gesture at a time: a second
 * finger ends what the tool began and takes the view along; whatever the browser cancels is given up.
 */

import type { ScreenPoint } from "../contract"
import { isOwnKey, isTyping } from "../keys"
import type { Camera } from "./camera"
import { between, distance, onScreen } from "./geometry"
import { slack, type Press, type Tool } from "./tools/tool"

/** Who the gestures are for. */
export interface Hands {
  readonly camera: Camera
  readonly tool: Tool
  /** The tool that a pointer at this place (null: off the stage) means, which is the tool from now on. */
  toolAt(press: Press | null): Tool
  /** Something may look different now; `at` is where the pointer is, as far as it is known. */
  touched(at: Press | null): void
  /** No pointer is on the stage any more. */
  left(): void
}

type Gesture =
  | { readonly kind: "none" }
  | { readonly kind: "tool" }
  | { readonly kind: "tap"; readonly start: ScreenPoint }
  | { readonly kind: "pan" }

const NONE: Gesture = { kind: "none" }
const PRIMARY = 0
const MIDDLE = 1
const WHEEL_PAUSE = 180 // milliseconds that part one turn of the wheel from the next
const LINE = 33 // pixels
const NOTCH = 40 // a wheel's notch scrolls further than a finger's first movement on a trackpad

export class Pointers {
  private readonly fingers = new Map<number, ScreenPoint>()
  private readonly off = new AbortController()
  private gesture: Gesture = NONE
  private space = false
  /** Did the focus come where it is by keys? */
  private walked = false
  private wheel: { at: number; zooms: boolean } = { at: -Infinity, zooms: false }

  constructor(
    private readonly element: HTMLElement,
    private readonly hands: Hands,
  ) {
    const { signal } = this.off
    const on = <K extends keyof HTMLElementEventMap>(name: K, listener: (event: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(name, listener, { signal, passive: false })
    on("pointerdown", (event) => this.down(event))
    on("pointermove", (event) => this.move(event))
    on("pointerup", (event) => this.up(event))
    on("pointercancel", (event) => this.lost(event))
    on("lostpointercapture", (event) => this.lost(event))
    on("pointerleave", () => this.leave())
    on("wheel", (event) => this.turn(event))
    window.addEventListener("keydown", (event) => this.key(event), { signal })
    window.addEventListener("keyup", (event) => this.key(event), { signal })
    const focused = ({ target }: FocusEvent) =>
      (this.walked = target instanceof Element && target.matches(":focus-visible"))
    window.addEventListener("focusin", focused, { signal })
    window.addEventListener("blur", () => this.hold(false), { signal })
  }

  get cursor(): string {
    if (this.gesture.kind === "pan") return "grabbing"
    return this.space ? "grab" : this.hands.tool.cursor
  }

  close(): void {
    this.off.abort()
  }

  private down(event: PointerEvent): void {
    if (event.button !== PRIMARY && event.button !== MIDDLE) return
    event.preventDefault()
    this.element.focus({ preventScroll: true })
    this.element.setPointerCapture(event.pointerId)
    const press = this.press(event)
    this.fingers.set(event.pointerId, press.screen)
    if (this.fingers.size > 1) {
      this.giveUp()
      this.gesture = { kind: "pan" }
    } else if (event.button === MIDDLE || this.space) {
      this.gesture = { kind: "pan" }
    } else {
      const takes = this.hands.toolAt(press).down(press)
      this.gesture = takes === "drag" ? { kind: "tool" } : { kind: "tap", start: press.screen }
    }
    this.hands.touched(press)
  }

  private move(event: PointerEvent): void {
    const press = this.press(event)
    const before = this.fingers.get(event.pointerId)
    if (!before) {
      if (this.gesture.kind === "none") this.hands.toolAt(press).hover(press)
    } else if (this.gesture.kind === "pan") {
      this.takeAlong(event.pointerId, press.screen)
    } else if (this.gesture.kind === "tool") {
      this.hands.tool.move(press)
    } else if (this.gesture.kind === "tap" && distance(this.gesture.start, press.screen) >= slack(press)) {
      this.giveUp()
      this.gesture = { kind: "pan" }
      this.takeAlong(event.pointerId, press.screen)
    } else {
      return
    }
    if (before && this.gesture.kind !== "tap") this.fingers.set(event.pointerId, press.screen)
    this.hands.touched(press)
  }

  private up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return
    const press = this.press(event)
    const { kind } = this.gesture
    if (!this.fingers.size) this.gesture = NONE
    if (kind === "tool" || kind === "tap") this.hands.tool.up(press)
    if (!press.touch && !this.fingers.size) this.hands.toolAt(press).hover(press)
    this.hands.touched(press)
  }

  private lost(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return
    this.giveUp()
    if (!this.fingers.size) this.gesture = NONE
    this.hands.touched(null)
  }

  private leave(): void {
    if (this.fingers.size) return
    this.hands.toolAt(null).hover(null)
    this.hands.left()
  }

  private giveUp(): void {
    if (this.gesture.kind === "tool" || this.gesture.kind === "tap") this.hands.tool.interrupt()
  }

  /** The view goes with the hand; with two fingers it also grows and shrinks with their distance. */
  private takeAlong(moving: number, to: ScreenPoint): void {
    const { camera } = this.hands
    const from = this.fingers.get(moving) ?? to
    const other = [...this.fingers].find(([id]) => id !== moving)?.[1]
    if (!other) {
      camera.panBy(to[0] - from[0], to[1] - from[1])
      return
    }
    camera.panBy((to[0] - from[0]) / 2, (to[1] - from[1]) / 2)
    const center = onScreen((to[0] + other[0]) / 2, (to[1] + other[1]) / 2)
    camera.zoomAt(center, Math.max(1, distance(to, other)) / Math.max(1, distance(from, other)))
  }

  /** A mouse's wheel and a pinch zoom, two fingers on a trackpad pan; Shift pans with any of them. */
  private turn(event: WheelEvent): void {
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE
    // A notch is as many device pixels on every screen.
    const unit = lines ? LINE : devicePixelRatio
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
    if (event.timeStamp - this.wheel.at > WHEEL_PAUSE) this.wheel.zooms = lines || (dx === 0 && Math.abs(dy) >= NOTCH)
    this.wheel.at = event.timeStamp
    const press = this.press(event)
    if (event.ctrlKey || event.metaKey) this.hands.camera.zoomAt(press.screen, Math.exp(-between(dy, -30, 30) * 0.01))
    else if (this.wheel.zooms && !event.shiftKey)
      this.hands.camera.zoomAt(press.screen, Math.exp(-between(dy, -300, 300) * 0.0018))
    else if (event.shiftKey && !dx) this.hands.camera.panBy(-dy / devicePixelRatio, 0)
    else this.hands.camera.panBy(-dx / devicePixelRatio, -dy / devicePixelRatio)
    this.hands.touched(this.press(event))
  }

  /** While the space bar is down, dragging pans, unless one writes. It presses only a button that was reached by keys. */
  private key(event: KeyboardEvent): void {
    const { target } = event
    if (event.code !== "Space" || !(target instanceof Element)) return
    const writes = isTyping(target)
    this.hold(event.type === "keydown" && !writes)
    if (!writes && !target.closest("dialog") && !(this.walked && isOwnKey(target, " "))) event.preventDefault()
  }

  private hold(space: boolean): void {
    if (this.space === space) return
    this.space = space
    this.element.style.cursor = this.cursor
  }

  private press(event: MouseEvent): Press {
    const box = this.element.getBoundingClientRect()
    const screen = onScreen(event.clientX - box.left, event.clientY - box.top)
    const touch = event instanceof PointerEvent && event.pointerType === "touch"
    return { at: this.hands.camera.toImage(screen), screen, touch, shift: event.shiftKey, alt: event.altKey }
  }
}
