/** Points, boxes and rings, as plain values. */

import type { ImagePoint, Point, ScreenPoint } from "../contract"

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const onImage = (x: number, y: number): ImagePoint => [x, y]
export const onScreen = (x: number, y: number): ScreenPoint => [x, y]

/** Coordinates are kept to a hundredth of a pixel: finer than a hand, short to send. */
export const rounded = (value: number): number => Math.round(value * 100) / 100

export const between = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value))

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1])

export function within(point: Point, image: Size): ImagePoint {
  return onImage(between(point[0], 0, image.width), between(point[1], 0, image.height))
}

export function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const along = ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / (dx * dx + dy * dy || 1)
  const t = between(along, 0, 1)
  return distance(point, [from[0] + t * dx, from[1] + t * dy])
}

export function boundsOf(points: readonly Point[]): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return { left, top, right, bottom }
}

export const cornersOf = ({ left, top, right, bottom }: Bounds): Point[] => [
  [left, top],
  [right, bottom],
]

export const around = (all: readonly Bounds[]): Bounds => boundsOf(all.flatMap(cornersOf))

export function grown(bounds: Bounds, by: number): Bounds {
  return { left: bounds.left - by, top: bounds.top - by, right: bounds.right + by, bottom: bounds.bottom + by }
}

export const overlap = (a: Bounds, b: Bounds): boolean =>
  a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top

export const encloses = (outer: Bounds, inner: Bounds): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

/** The shift nearest to the one asked for that keeps the bounds inside the image. */
export function shiftWithin(bounds: Bounds, dx: number, dy: number, image: Size): Point {
  return [between(dx, -bounds.left, image.width - bounds.right), between(dy, -bounds.top, image.height - bounds.bottom)]
}

export function* edgesOf(ring: readonly Point[]): Generator<readonly [from: Point, to: Point]> {
  let from = ring[ring.length - 1]
  for (const to of ring) {
    if (from) yield [from, to]
    from = to
  }
}

/** By the even-odd rule. */
export function insideRing(point: Point, ring: readonly Point[]): boolean {
  const [x, y] = point
  let inside = false
  for (const [a, b] of edgesOf(ring)) {
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside
  }
  return inside
}

export function areaOf(ring: readonly Point[]): number {
  let twice = 0
  for (const [a, b] of edgesOf(ring)) twice += a[0] * b[1] - b[0] * a[1]
  return Math.abs(twice) / 2
}

/** The ring without corners that stand on their neighbour. */
export function withoutRepeats(ring: readonly Point[], tolerance = 0): Point[] {
  const kept: Point[] = []
  for (const point of ring) {
    const last = kept.at(-1)
    if (!last || distance(last, point) > tolerance) kept.push(point)
  }
  while (kept.length > 1 && distance(kept[0] as Point, kept.at(-1) as Point) <= tolerance) kept.pop()
  return kept
}

interface Edge extends Bounds {
  from: Point
  to: Point
  index: number
}

/** Does the ring cross or touch itself, or turn straight back? The server is as strict. */
export function crossesItself(ring: readonly Point[]): boolean {
  const edges = [...edgesOf(ring)].map(([from, to], index): Edge => ({ from, to, index, ...boundsOf([from, to]) }))
  edges.sort((a, b) => a.left - b.left)
  return edges.some((edge, place) => {
    for (let next = place + 1; next < edges.length; next++) {
      const other = edges[next] as Edge
      if (other.left > edge.right) return false
      if (overlap(edge, other) && meet(edge, other, edges.length)) return true
    }
    return false
  })
}

function meet(a: Edge, b: Edge, count: number): boolean {
  if ((a.index + 1) % count === b.index) return turnsBack(a.from, a.to, b.to)
  if ((b.index + 1) % count === a.index) return turnsBack(b.from, b.to, a.to)
  const sides = [
    side(a.from, a.to, b.from),
    side(a.from, a.to, b.to),
    side(b.from, b.to, a.from),
    side(b.from, b.to, a.to),
  ]
  const [p, q, r, s] = sides as [number, number, number, number]
  return p * q <= 0 && r * s <= 0
}

/** Above zero when the point lies to the one side of the line, below when to the other. */
function side(from: Point, to: Point, point: Point): number {
  return (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0])
}

function turnsBack(from: Point, corner: Point, to: Point): boolean {
  const ahead = (from[0] - corner[0]) * (to[0] - corner[0]) + (from[1] - corner[1]) * (to[1] - corner[1])
  return side(from, corner, to) === 0 && ahead > 0
}
