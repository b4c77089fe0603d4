import type { Polygon } from "../../../live/messages.gen"
import { t } from "../../../ui/strings"
import {
  areaOf,
  boundsOf,
  crossesItself,
  distance,
  distanceToSegment,
  edgesOf,
  insideRing,
  onImage,
  rounded,
  withoutRepeats,
} from "../geometry"
import type { Handle, ShapeKind } from "./shape"

const FEWEST = 3
const MOST = 10_000

const place = (handle: string): number => Number(handle.slice(1))
const mutable = (points: readonly (readonly [number, number])[]): [number, number][] => points.map(([x, y]) => [x, y])

/** Handles are `v0`, `v1`, ... for the vertices and `m0`, `m1`, ... for the middles of the edges that leave them. */
export const polygon: ShapeKind<Polygon> = {
  bounds: ({ points }) => boundsOf(points),
  area: ({ points }) => areaOf(points),
  peak: ({ points }) => points.reduce((top, at) => ((at[1] - top[1] || at[0] - top[0]) < 0 ? at : top))[0],

  distance({ points }, at) {
    if (insideRing(at, points)) return 0
    let nearest = Infinity
    for (const [from, to] of edgesOf(points)) nearest = Math.min(nearest, distanceToSegment(at, from, to))
    return nearest
  },

  paint({ points }, view, on, fill) {
    on.beginPath()
    for (const [x, y] of points) on.lineTo(x * view.scale + view.x, y * view.scale + view.y)
    on.closePath()
    if (fill) on.fill()
    on.stroke()
  },

  handles({ points }) {
    const vertices: Handle[] = []
    const middles: Handle[] = []
    points.forEach(([x, y], index) => {
      const next = points[(index + 1) % points.length] ?? [x, y]
      const before = points.at(index - 1) ?? [x, y]
      const room = distance([x, y], next)
      const roomier = Math.max(room, distance([x, y], before))
      vertices.push({ key: `v${index}`, at: onImage(x, y), kind: "vertex", room: roomier, cursor: "move" })
      const middle = onImage((x + next[0]) / 2, (y + next[1]) / 2)
      middles.push({ key: `m${index}`, at: middle, kind: "middle", room, cursor: "copy" })
    })
    return [...middles, ...vertices]
  },

  moved: ({ points }, dx, dy) => ({ type: "polygon", points: points.map(([x, y]) => [x + dx, y + dy]) }),

  dragged({ points }, handle, to) {
    const isNew = handle.startsWith("m")
    const corner: [number, number] = [to[0], to[1]]
    return { type: "polygon", points: points.toSpliced(place(handle) + (isNew ? 1 : 0), isNew ? 0 : 1, corner) }
  },

  without({ points }, handle) {
    if (!handle.startsWith("v") || points.length <= FEWEST) return null
    return { type: "polygon", points: points.toSpliced(place(handle), 1) }
  },

  rounded: ({ points }) => ({
    type: "polygon",
    points: mutable(withoutRepeats(points.map(([x, y]) => [rounded(x), rounded(y)] as const))),
  }),

  problem({ points }) {
    if (points.length < FEWEST) return t("A polygon needs three corners. Click where the next one goes.")
    if (points.length > MOST) return t("A polygon has at most 10,000 corners. Take some back.")
    return crossesItself(points) ? t("The outline crosses itself. Move or take back a corner, then finish it.") : null
  },
}
