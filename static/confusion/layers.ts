/** What is drawn: the fog, what agrees, quietly, and what does not, aloud. */

import { BitmapLayer, ScatterplotLayer, TextLayer } from "@deck.gl/layers"
import type { Layer } from "@deck.gl/core"

import type { Camera } from "./camera.svelte"
import type { Colour } from "./desk.svelte"
import { fogOf, painted } from "./fog"
import { Kind, type Points } from "./points"

export type Rgb = readonly [number, number, number]

export interface Look {
  /** Of labels, and of none. */
  colors: readonly Rgb[]
  names: readonly string[]
  dark: boolean
  colour: Colour
  /** Of people. */
  authors: ReadonlyMap<number, Rgb>
}

const NAMED = 40 // that are in sight, and no more, have their names told
const [SURE, UNSURE]: Rgb[] = [
  [62, 207, 174],
  [240, 130, 60],
]
const KINDS: Record<Kind, Rgb> = {
  [Kind.Agree]: [122, 135, 155],
  [Kind.Differ]: [255, 107, 139],
  [Kind.Missing]: [94, 200, 255],
  [Kind.Spurious]: [244, 183, 64],
  [Kind.Gone]: [0, 0, 0],
}

/** Buffers of some rows. */
export interface Drawn {
  rows: Int32Array
  fill: Uint8Array
  ring: Uint8Array
}

export interface Split {
  quiet: Drawn
  loud: Drawn
  fog: { image: HTMLCanvasElement; bounds: Points["bounds"] }
}

export function rgb(color: string): Rgb {
  const value = parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

/** Which rows are drawn in which colours: told anew when labels change, and not while one looks around. */
export function split(points: Points, shows: (row: number) => boolean, look: Look): Split {
  const [quiet, loud]: [number[], number[]] = [[], []]
  for (let row = 0; row < points.length; row++) {
    if (!points.isPlaced(row) || !shows(row)) continue
    ;(points.truth[row] === points.predicted[row] ? quiet : loud).push(row)
  }
  const dense = Math.min(1, Math.sqrt(4000 / Math.max(quiet.length, 1)))
  const fog = fogOf(points)
  const color: Rgb = look.dark ? [186, 104, 38] : [222, 138, 48]
  return {
    quiet: drawn(points, quiet, look, Math.round(150 * Math.max(dense, 0.25))),
    loud: drawn(points, loud, look, 255),
    fog: { image: painted(fog, color, look.dark ? 0.9 : 0.75), bounds: fog.bounds },
  }
}

function drawn(points: Points, found: readonly number[], look: Look, alpha: number): Drawn {
  const rows = Int32Array.from(found)
  const [fill, ring] = [new Uint8Array(4 * rows.length), new Uint8Array(4 * rows.length)]
  rows.forEach((row, at) => {
    fill.set([...fillOf(points, row, look), alpha], 4 * at)
    ring.set([...(look.colors[points.predicted[row]!] ?? KINDS[Kind.Agree]), 255], 4 * at)
  })
  return { rows, fill, ring }
}

function fillOf(points: Points, row: number, look: Look): Rgb {
  const none = KINDS[Kind.Agree]
  if (look.colour === "kind") return KINDS[points.kind(row)]
  if (look.colour === "author") return look.authors.get(points.authors[row]!) ?? none
  if (look.colour === "confidence") {
    const sure = Math.min(Math.max(Number.isNaN(points.score[row]!) ? 0 : points.score[row]!, 0), 1)
    return UNSURE!.map((channel, at) => Math.round(channel + (SURE![at]! - channel) * sure)) as unknown as Rgb
  }
  return look.colors[points.truth[row]!] ?? none
}

/** Where some rows are, by `x` and `y` as they are at the moment. */
export function places(rows: ArrayLike<number>, { x, y }: Coordinates): Float32Array {
  const found = new Float32Array(2 * rows.length)
  for (let at = 0; at < rows.length; at++) {
    found[2 * at] = x[rows[at]!]!
    found[2 * at + 1] = y[rows[at]!]!
  }
  return found
}

export interface Coordinates {
  x: Float32Array
  y: Float32Array
}

/** The places of what is quiet and of what is loud come with it: they stay the same while one looks around. */
export function layersOf(
  points: Points,
  parts: Split,
  where: { quiet: Float32Array; loud: Float32Array; selected: Float32Array },
  camera: Camera,
  look: Look,
): Layer[] {
  const zoom = Math.min(Math.sqrt(Math.max(camera.zoom, 1)), 2.2)
  const common = { radiusUnits: "pixels", lineWidthUnits: "pixels" } as const
  const dots = ({ rows, fill, ring }: Drawn, place: Float32Array) => ({
    length: rows.length,
    attributes: {
      getPosition: { value: place, size: 2 },
      getFillColor: { value: fill, size: 4 },
      getLineColor: { value: ring, size: 4 },
    },
  })
  const { bounds, image } = parts.fog
  return [
    new BitmapLayer({ id: "fog", image, bounds: [bounds.left, bounds.bottom, bounds.right, bounds.top] }),
    new ScatterplotLayer({ id: "quiet", data: dots(parts.quiet, where.quiet), getRadius: 2.3 * zoom, ...common }),
    new ScatterplotLayer({
      id: "selected",
      data: { length: where.selected.length / 2, attributes: { getPosition: { value: where.selected, size: 2 } } },
      getRadius: 9 * Math.sqrt(zoom),
      getFillColor: look.dark ? [255, 255, 255, 50] : [20, 30, 50, 40],
      getLineColor: look.dark ? [255, 255, 255, 220] : [20, 30, 50, 220],
      stroked: true,
      getLineWidth: 1.5,
      ...common,
    }),
    new ScatterplotLayer({
      id: "loud",
      data: dots(parts.loud, where.loud),
      getRadius: 4.6 * Math.sqrt(zoom),
      getLineWidth: 2.6,
      stroked: true,
      ...common,
    }),
    new TextLayer({
      id: "names",
      data: named(points, parts.loud.rows, where.loud, camera, look.names),
      getPosition: ({ place }: Named) => place,
      getText: ({ text }: Named) => text,
      getSize: 11,
      getPixelOffset: [0, -15],
      getColor: look.dark ? [232, 236, 243] : [27, 35, 48],
      fontFamily: "system-ui, sans-serif",
      characterSet: "auto",
      background: true,
      getBackgroundColor: look.dark ? [18, 21, 27, 190] : [255, 255, 255, 200],
      backgroundPadding: [3, 1],
    }),
  ]
}

interface Named {
  place: [number, number]
  text: string
}

/** Where few are in sight, what they are called. */
function named(
  points: Points,
  rows: Int32Array,
  where: Float32Array,
  camera: Camera,
  names: readonly string[],
): Named[] {
  const found: Named[] = []
  let seen = 0
  const name = (row: number) => names[row] ?? "–"
  const [[left, top], [right, bottom]] = [camera.world(0, 0), camera.world(camera.width, camera.height)]
  for (let at = 0; at < rows.length; at++) {
    const [x, y] = [where[2 * at]!, where[2 * at + 1]!]
    if (x < left || x > right || y < bottom || y > top) continue
    if (++seen > NAMED) return []
    const apart = ({ place }: Named) =>
      Math.abs(place[0] - x) * camera.scale > 70 || Math.abs(place[1] - y) * camera.scale > 16
    if (!found.every(apart)) continue // one would lie upon the other
    const row = rows[at]!
    found.push({ place: [x, y], text: `${name(points.truth[row]!)} → ${name(points.predicted[row]!)}` })
  }
  return found
}
