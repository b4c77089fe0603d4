import type { Rectangle } from "../../../live/messages.gen"
import { t } from "../../../ui/strings"
import type { ImagePoint, Point } from "../../contract"
import { between, onImage, rounded, within, type Size } from "../geometry"
import type { Handle, ShapeKind } from "./shape"

/** No side gets shorter than this by dragging, in image pixels. */
const SHORTEST = 1

/** Where the handles stand: 0 = left or top, 1 = right or bottom, a half = the middle of a side. */
const HANDLES: Readonly<Record<string, readonly [across: number, down: number, cursor: string]>> = {
  nw: [0, 0, "nwse-resize"],
  n: [0.5, 0, "ns-resize"],
  ne: [1, 0, "nesw-resize"],
  e: [1, 0.5, "ew-resize"],
  se: [1, 1, "nwse-resize"],
  s: [0.5, 1, "ns-resize"],
  sw: [0, 1, "nesw-resize"],
  w: [0, 0.5, "ew-resize"],
}

/** The rectangle between two points, of the given ratio (width by height) when there is one, kept inside the image. */
export function spanning(from: Point, to: Point, image: Size, ratio: number | null = null): Rectangle {
  const [endX, endY] = within(to, image)
  let [width, height] = [endX - from[0], endY - from[1]]
  if (ratio) {
    const across = Math.max(Math.abs(width), Math.abs(height) * ratio)
    const roomX = to[0] < from[0] ? from[0] : image.width - from[0]
    const roomY = to[1] < from[1] ? from[1] : image.height - from[1]
    const length = Math.min(across, roomX, roomY * ratio)
    width = to[0] < from[0] ? -length : length
    height = (to[1] < from[1] ? -length : length) / ratio
  }
  return {
    type: "rectangle",
    x: Math.min(from[0], from[0] + width),
    y: Math.min(from[1], from[1] + height),
    width: Math.abs(width),
    height: Math.abs(height),
  }
}

/** One side's new extent when the end at `place` goes to `to`; a side whose middle is held keeps its own. */
function stretched(start: number, length: number, place: number, to: number): [start: number, length: number] {
  if (place === 0.5) return [start, length]
  const fixed = place === 0 ? start + length : start
  const least = Math.min(SHORTEST, length)
  const moved = Math.abs(to - fixed) >= least ? to : fixed + (place === 0 ? -least : least)
  return [Math.min(fixed, moved), Math.abs(moved - fixed)]
}

/** The corner that keeps the ratio and is nearest to `to`, along the diagonal through the fixed corner. */
function onDiagonal(fixed: Point, to: Point, ratio: number): ImagePoint {
  const [dx, dy] = [to[0] - fixed[0], to[1] - fixed[1]]
  const width = Math.min(Math.abs(dx), Math.abs(dy) * ratio)
  return onImage(fixed[0] + Math.sign(dx) * width, fixed[1] + (Math.sign(dy) * width) / ratio)
}

export const rectangle: ShapeKind<Rectangle> = {
  bounds: ({ x, y, width, height }) => ({ left: x, top: y, right: x + width, bottom: y + height }),
  area: ({ width, height }) => width * height,
  peak: ({ x }) => x,

  distance({ x, y, width, height }, at) {
    const outX = at[0] - between(at[0], x, x + width)
    const outY = at[1] - between(at[1], y, y + height)
    return Math.hypot(outX, outY)
  },

  paint({ x, y, width, height }, view, on, fill) {
    // Whole pixels: sharp edges, and the fast path of the rasteriser.
    const left = Math.round(x * view.scale) + view.x
    const top = Math.round(y * view.scale) + view.y
    const across = Math.max(1, Math.round((x + width) * view.scale) + view.x - left)
    const down = Math.max(1, Math.round((y + height) * view.scale) + view.y - top)
    if (fill) on.fillRect(left, top, across, down)
    on.strokeRect(left, top, across, down)
  },

  handles: ({ x, y, width, height }) =>
    Object.entries(HANDLES).map(([key, [across, down, cursor]]): Handle => ({
      key,
      at: onImage(x + across * width, y + down * height),
      kind: across === 0.5 || down === 0.5 ? "side" : "corner",
      room: across === 0.5 ? width : height,
      cursor,
    })),

  moved: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),

  dragged({ x, y, width, height }, handle, to, keepRatio) {
    const [across, down] = HANDLES[handle] ?? [0.5, 0.5]
    const corner = across !== 0.5 && down !== 0.5
    const fixed: Point = [across === 0 ? x + width : x, down === 0 ? y + height : y]
    const goal = keepRatio && corner ? onDiagonal(fixed, to, width / height) : to
    const [left, wide] = stretched(x, width, across, goal[0])
    const [top, high] = stretched(y, height, down, goal[1])
    return { type: "rectangle", x: left, y: top, width: wide, height: high }
  },

  without: () => null,

  rounded({ x, y, width, height }) {
    const [left, top] = [rounded(x), rounded(y)]
    return { type: "rectangle", x: left, y: top, width: rounded(x + width - left), height: rounded(y + height - top) }
  },

  problem({ width, height }) {
    return width > 0 && height > 0 ? null : t("A box needs a width and a height. Drag from one corner to the other.")
  },
}
