/** Marking words and giving them their label: by mouse, by fingers, or with a caret that keys move. */

import type { Id, SheetSession } from "../../live/contract"
import { uuid } from "../../live/ids"
import { t } from "../../ui/strings"
import type { EditorState, StageProps } from "../contract"
import { tidy } from "./clusters"
import type { Interval } from "./lanes"
import type { Offsets } from "./offsets"
import { selectedIn, type Places } from "./places"

type Direction = "forward" | "backward" | "left" | "right"

const KEYS: Readonly<Record<string, [Direction, "character" | "line" | "lineboundary"]>> = {
  ArrowLeft: ["left", "character"],
  ArrowRight: ["right", "character"],
  ArrowUp: ["backward", "line"],
  ArrowDown: ["forward", "line"],
  Home: ["backward", "lineboundary"],
  End: ["forward", "lineboundary"],
}

export class Marking {
  /** The words that are marked and have no label yet. */
  words = $state.raw<Interval | null>(null)
  caret = $state<number | null>(null)
  /** Keys move the caret, so it is drawn. */
  byKeys = $state(false)
  /** A mouse button is down, or fingers are at work. */
  pressed = $state(false)
  touched = $state(false)

  constructor(
    private readonly session: SheetSession,
    private readonly offsets: Offsets,
    private readonly places: Places,
    private readonly editor: EditorState,
    private readonly notify: StageProps["notify"],
  ) {}

  /** The label that marked words get. */
  get label() {
    return this.editor.label?.shapes.includes("span") ? this.editor.label : null
  }

  /** The browser's selection has changed. */
  follow(): void {
    const selected = selectedIn(this.places)
    if (!selected) return
    this.caret = selected.focus
    const words = tidy(this.offsets.text, selected.start, selected.end)
    if (words && this.editor.selection.size) this.editor.selection = new Set()
    if (words || this.pressed || this.byKeys) this.words = words
  }

  press(): void {
    this.pressed = true
    this.byKeys = false
    this.words = null
  }

  /** The button is let go: marked words get the chosen label at once. False when nothing was marked. */
  letGo(clicks: number): boolean {
    this.pressed = false
    this.follow()
    if (!this.words) return false
    if (!this.touched && clicks <= 2 && this.editor.tool === "span") this.finish()
    return true
  }

  /** Gives the marked words their label; false when none are. */
  finish(): boolean {
    const { words, label } = this
    if (!words || !this.editor.writable) return false
    if (!label) this.notify("info", t("Choose a label for the marked words."))
    else this.add(words, label.id)
    return true
  }

  /** Forgets what is marked; true when something was. */
  cancel(): boolean {
    if (!this.words) return false
    this.words = null
    document.getSelection()?.removeAllRanges()
    return true
  }

  /** An arrow key moves the caret, with Shift it marks words; false for other keys. `from` is where it starts. */
  key(event: KeyboardEvent, from: () => number): boolean {
    const key = KEYS[event.key]
    const selection = document.getSelection()
    if (!key || !selection || event.altKey || event.metaKey) return false
    this.byKeys = true
    if (!selectedIn(this.places)) selection.collapse(...this.places.placeOf(this.caret ?? from()))
    const [direction, amount] = key
    selection.modify(
      event.shiftKey ? "extend" : "move",
      direction,
      event.ctrlKey && amount === "character" ? "word" : amount,
    )
    this.follow()
    return true
  }

  private add({ start, end }: Interval, label: number): void {
    const quote = this.offsets.text.slice(start, end)
    const shape = { type: "span" as const, start: this.offsets.toPoints(start), end: this.offsets.toPoints(end), quote }
    const same = this.same(shape, label)
    const id = same ?? uuid()
    if (!same) this.session.apply([{ type: "create", annotation: id, label, shape, attributes: {} }])
    this.cancel()
    this.editor.selection = new Set([id])
    this.editor.drawn = id
  }

  /** The annotation that says the same already. */
  private same(words: Interval, label: number): Id | undefined {
    for (const { id, shape, label: its } of this.session.records.values()) {
      if (shape.type === "span" && shape.start === words.start && shape.end === words.end && its === label) return id
    }
    return undefined
  }
}
