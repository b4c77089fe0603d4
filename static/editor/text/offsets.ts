/**
 * The wire counts Unicode code points, JavaScript UTF-16 units. Only this file knows both; the rest of the text stage
 * counts units and asks here at its edges.
 */

const STEP = 256

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00

export class Offsets {
  /** Code points that start before every STEP-th unit; null when units and code points are the same. */
  private readonly index: Uint32Array | null

  constructor(readonly text: string) {
    this.index = /[\uD800-\uDFFF]/.test(text) ? this.build() : null
  }

  /** The unit at which a code point starts. */
  toUnits(point: number): number {
    if (!this.index) return point
    const step = this.stepOf(point, this.index)
    let unit = step * STEP
    for (let points = this.index[step] ?? 0; unit < this.text.length; unit++) {
      if (!this.isStart(unit)) continue
      if (points === point) break
      points++
    }
    return unit
  }

  /** How many code points start before a unit. */
  toPoints(unit: number): number {
    if (!this.index) return unit
    const step = Math.floor(unit / STEP)
    let points = this.index[step] ?? 0
    for (let i = step * STEP; i < unit; i++) if (this.isStart(i)) points++
    return points
  }

  /** False for the second half of a surrogate pair. */
  private isStart(unit: number): boolean {
    return !(isLow(this.text.charCodeAt(unit)) && isHigh(this.text.charCodeAt(unit - 1)))
  }

  private build(): Uint32Array {
    const index = new Uint32Array(Math.floor(this.text.length / STEP) + 1)
    for (let unit = 0, points = 0; unit <= this.text.length; unit++) {
      if (unit % STEP === 0) index[unit / STEP] = points
      if (this.isStart(unit)) points++
    }
    return index
  }

  /** The last step that begins at or before a code point. */
  private stepOf(point: number, index: Uint32Array): number {
    let low = 0
    let high = index.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((index[middle] ?? 0) <= point) low = middle
      else high = middle - 1
    }
    return low
  }
}
