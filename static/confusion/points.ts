/** The points of an evaluation as columns, and what can be asked of them. No DOM. */

import { tableFromIPC } from "apache-arrow"

import type { Fresh } from "./contract"

export type Place = readonly [number, number]

/** What is drawn of a row. */
export const enum Kind {
  Agree,
  Differ,
  /** Only the model sees it. */
  Missing,
  /** Only people see it. */
  Spurious,
  /** It is there no more. */
  Gone,
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** n rows, ordered by item. Labels are rows of a list of `k`, which stands for none. */
export class Points {
  readonly truth: Int32Array
  readonly predicted: Int32Array
  readonly gone: Uint8Array
  /** Those that have come since it was evaluated: they have no place yet. */
  extra: readonly Fresh[] = []

  private constructor(
    readonly k: number,
    private readonly ids: Uint8Array,
    readonly items: Float64Array,
    truth: Int32Array,
    predicted: Int32Array,
    readonly score: Float32Array,
    readonly entropy: Float32Array,
    readonly authors: Int32Array,
    readonly x: Float32Array,
    readonly y: Float32Array,
  ) {
    this.truth = truth.slice()
    this.predicted = predicted.slice()
    this.gone = new Uint8Array(items.length)
  }

  static read(data: Uint8Array, k: number): Points {
    const table = tableFromIPC(data)
    const column = <T>(name: string): T => {
      const found = table.getChild(name)?.data[0]?.values as T | undefined
      if (!found) throw new Error(`no column ${name}`)
      return found
    }
    if (!table.numRows) return Points.none(k)
    return new Points(
      k,
      column("ids"),
      column("items"),
      column("truth"),
      column("predicted"),
      column("score"),
      column("entropy"),
      column("authors"),
      column("x"),
      column("y"),
    )
  }

  static none(k: number): Points {
    const [ints, floats] = [new Int32Array(), new Float32Array()]
    return new Points(k, new Uint8Array(), new Float64Array(), ints, ints, floats, floats, ints, floats, floats)
  }

  get length(): number {
    return this.items.length
  }

  /** As 32 digits. */
  id(row: number): string {
    let text = ""
    for (let at = 16 * row; at < 16 * row + 16; at++) text += HEX[this.ids[at]!]!
    return text
  }

  kind(row: number): Kind {
    if (this.gone[row]) return Kind.Gone
    const [truth, predicted] = [this.truth[row]!, this.predicted[row]!]
    if (truth === predicted) return Kind.Agree
    if (truth === this.k) return Kind.Missing
    return predicted === this.k ? Kind.Spurious : Kind.Differ
  }

  /** Where it is drawn; what nobody has looked at has no place. */
  isPlaced(row: number): boolean {
    return !this.gone[row] && Number.isFinite(this.x[row]!) && Number.isFinite(this.y[row]!)
  }

  /** Items that have changed since it was evaluated have these points now, and no others. */
  stand(changed: readonly number[], fresh: readonly Fresh[]): void {
    for (const item of changed) {
      const [start, end] = this.rowsOf(item)
      this.gone.fill(1, start, end)
    }
    for (const [, , truth, predicted, , row] of fresh) {
      if (row < 0) continue
      this.gone[row] = 0
      this.truth[row] = truth
      this.predicted[row] = predicted
    }
    this.extra = fresh.filter(([, , , , , row]) => row < 0)
  }

  rowsOf(item: number): [number, number] {
    return [this.#first(item), this.#first(item + 1)]
  }

  row(id: string, item: number): number {
    const [start, end] = this.rowsOf(item)
    for (let row = start; row < end; row++) if (this.id(row) === id) return row
    return -1
  }

  #first(item: number): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.items[middle]! < item) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Counts by truth (rows) and prediction (columns), none last, of the rows that are `shown`. */
  matrix(shown: (row: number) => boolean): Uint32Array {
    const side = this.k + 1
    const counts = new Uint32Array(side * side)
    for (let row = 0; row < this.length; row++) {
      if (!this.gone[row] && shown(row)) counts[this.truth[row]! * side + this.predicted[row]!]! += 1
    }
    for (const [, , truth, predicted] of this.extra) counts[truth * side + predicted]! += 1
    return counts
  }

  /** The corners of what holds all that has a place. */
  get bounds(): { left: number; right: number; bottom: number; top: number } {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
    for (let row = 0; row < this.length; row++) {
      const [x, y] = [this.x[row]!, this.y[row]!]
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < bottom) bottom = y
      if (y > top) top = y
    }
    if (left > right) return { left: -1, right: 1, bottom: -1, top: 1 }
    const [wide, high] = [Math.max(right - left, 1e-6), Math.max(top - bottom, 1e-6)]
    return {
      left: left - 0.04 * wide,
      right: right + 0.04 * wide,
      bottom: bottom - 0.04 * high,
      top: top + 0.04 * high,
    }
  }

  /** The rows within a loop, which closes by itself. */
  within(loop: readonly Place[], shown: (row: number) => boolean): number[] {
    if (loop.length < 3) return []
    const xs = Float64Array.from(loop, ([x]) => x)
    const ys = Float64Array.from(loop, ([, y]) => y)
    const [left, right] = [Math.min(...xs), Math.max(...xs)]
    const [bottom, top] = [Math.min(...ys), Math.max(...ys)]
    const found: number[] = []
    for (let row = 0; row < this.length; row++) {
      const [x, y] = [this.x[row]!, this.y[row]!]
      if (x < left || x > right || y < bottom || y > top || this.gone[row]) continue
      if (isInside(x, y, xs, ys) && shown(row)) found.push(row)
    }
    return found
  }
}

/** By how often a ray from it crosses the loop. */
function isInside(x: number, y: number, xs: Float64Array, ys: Float64Array): boolean {
  let inside = false
  for (let at = 0, before = xs.length - 1; at < xs.length; before = at++) {
    const [ay, by] = [ys[at]!, ys[before]!]
    if (ay > y !== by > y && x < ((xs[before]! - xs[at]!) * (y - ay)) / (by - ay) + xs[at]!) inside = !inside
  }
  return inside
}

/** A drawn line without the places that change nothing, so that a loop of a slow hand is as quick as another. */
export function thinned(line: readonly Place[], least: number): Place[] {
  const kept: Place[] = []
  for (const place of line) {
    const last = kept.at(-1)
    if (!last || Math.hypot(place[0] - last[0], place[1] - last[1]) >= least) kept.push(place)
  }
  return kept
}
