/**
 * The label's name on a small tab above each shape's highest point. A tab shows where its shape is wide enough to
 * carry it and no other tab stands there already. Once decided, it stays so at this scale: panning changes nothing.
 */

import type { Id } from "../../../live/contract"
import { inkOn } from "../../../ui/color"
import type { Drawn } from "../scene"
import { kindOf } from "../shapes"
import type { View } from "../view"
import { FONT, LINE } from "./ink"

export const TAB_HEIGHT = 19 // CSS pixels
const PADDING = 6
const FONT_SIZE = 11
const SHADE = "rgb(0 0 0 / 0.65)"
const SHORTEST_SHAPE = 10
const CELL = 32 // CSS pixels; cells are as high as a tab
const ROW = 1 << 16

type Placed = Pick<Drawn, "shape" | "bounds" | "name" | "color" | "suggested">

export class Tabs {
  private readonly taken = new Set<number>()
  /** The cells of each shape's tab; none when it shows no tab. */
  private readonly decided = new Map<Id, readonly number[]>()

  constructor(
    private readonly on: CanvasRenderingContext2D,
    /** Device pixels an image pixel. */
    readonly scale: number,
    private readonly ratio: number,
  ) {}

  shows(drawn: Drawn): boolean {
    let cells = this.decided.get(drawn.id)
    if (!cells) {
      cells = this.decide(drawn)
      for (const cell of cells) this.taken.add(cell)
      this.decided.set(drawn.id, cells)
    }
    return cells.length > 0
  }

  /** The shape has changed or gone. */
  forget(id: Id): void {
    for (const cell of this.decided.get(id) ?? []) this.taken.delete(cell)
    this.decided.delete(id)
  }

  private decide(drawn: Drawn): readonly number[] {
    const { bounds, name } = drawn
    const room = (bounds.right - bounds.left) * this.scale
    const tall = (bounds.bottom - bounds.top) * this.scale
    if (!name || tall < SHORTEST_SHAPE * this.ratio || room < 3 * PADDING * this.ratio) return []
    const width = tabWidth(this.on, name, this.ratio)
    if (room < width) return []
    const cells = this.cellsOf(leftOf(drawn, this.scale, width), bounds.top * this.scale, width)
    return cells.some((cell) => this.taken.has(cell)) ? [] : cells
  }

  private cellsOf(left: number, bottom: number, width: number): number[] {
    const [wide, high] = [CELL * this.ratio, TAB_HEIGHT * this.ratio]
    const cells: number[] = []
    for (let row = Math.floor(bottom / high) - 1; row * high < bottom; row++) {
      for (let column = Math.floor(left / wide); column * wide < left + width; column++) cells.push(row * ROW + column)
    }
    return cells
  }
}

const widths = new Map<string, number>()

export const tabFont = (ratio: number): string => `600 ${FONT_SIZE * ratio}px ${FONT}`

export function tabWidth(on: CanvasRenderingContext2D, name: string, ratio: number): number {
  const key = `${ratio} ${name}`
  let width = widths.get(key)
  if (width === undefined) {
    on.font = tabFont(ratio)
    width = Math.ceil(on.measureText(name).width + 2 * PADDING * ratio)
    widths.set(key, width)
  }
  return width
}

/** Where a tab begins: at the highest point, as far as the shape's right side lets it. In pixels from the image's left. */
function leftOf({ shape, bounds }: Placed, scale: number, width: number): number {
  return Math.max(bounds.left * scale, Math.min(kindOf(shape).peak(shape) * scale, bounds.right * scale - width))
}

/** The view is in device pixels. */
export function paintTab(on: CanvasRenderingContext2D, drawn: Placed, view: View, ratio: number): void {
  const { bounds, name, color } = drawn
  const left = Math.round(leftOf(drawn, view.scale, tabWidth(on, name, ratio))) + view.x - (LINE / 2) * ratio
  const bottom = Math.round(bounds.top * view.scale) + view.y
  const top = bottom - TAB_HEIGHT * ratio
  if (drawn.suggested) paintWords(on, name, color, left, top, ratio)
  else paintFlag(on, name, color, left, top, ratio, [4 * ratio, 4 * ratio, 0, 0])
}

/** As a suggestion has them: words in its colour, on a shade, to be read on every photo. */
function paintWords(
  on: CanvasRenderingContext2D,
  words: string,
  color: string,
  left: number,
  top: number,
  ratio: number,
): void {
  on.fillStyle = SHADE
  on.fillRect(left, top + ratio, tabWidth(on, words, ratio), (TAB_HEIGHT - 2) * ratio)
  on.font = tabFont(ratio)
  on.textBaseline = "middle"
  on.fillStyle = color
  on.fillText(words, left + PADDING * ratio, top + (TAB_HEIGHT / 2 + 0.5) * ratio)
}

/** Words on a patch of colour whose top left corner is given in device pixels. */
export function paintFlag(
  on: CanvasRenderingContext2D,
  words: string,
  color: string,
  left: number,
  top: number,
  ratio: number,
  corners: number[],
): void {
  on.fillStyle = color
  on.beginPath()
  on.roundRect(left, top, tabWidth(on, words, ratio), TAB_HEIGHT * ratio, corners)
  on.fill()
  on.font = tabFont(ratio)
  on.textBaseline = "middle"
  on.fillStyle = inkOn(color)
  on.fillText(words, left + PADDING * ratio, top + (TAB_HEIGHT / 2 + 0.5) * ratio)
}
