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

const FULL = 4000 // points that fill the map: more of them are smaller and fainter
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
  /** By how much quiet points are smaller as there are many. */
  small: number
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
  const [quiet, loud] = [new Int32Array(points.length), new Int32Array(points.length)]
  let [q, l] = [0, 0]
  for (let row = 0; row < points.length; row++) {
    if (!points.isPlaced(row) || !shows(row)) continue
    if (points.truth[row] === points.predicted[row]) quiet[q++] = row
    else loud[l++] = row
  }
  const dense = Math.min(1, Math.sqrt(FULL / Math.max(q, 1)))
  const fog = fogOf(points)
  const color: Rgb = look.dark ? [186, 104, 38] : [222, 138, 48]
  return {
    small: Math.max(Math.sqrt(dense), 0.35),
    quiet: drawn(points, quiet.subarray(0, q), look, Math.round(150 * Math.max(dense, 0.25))),
    loud: drawn(points, loud.subarray(0, l), look, 255),
    fog: { image: painted(fog, color, look.dark ? 0.9 : 0.75), bounds: fog.bounds },
  }
}

function drawn(points: Points, rows: Int32Array, look: Look, alpha: number): Drawn {
  const [fill, ring] = [new Uint32Array(rows.length), new Uint32Array(rows.length)]
  const rings = [...look.colors, KINDS[Kind.Agree]].map((color) => packed(color, 255))
  const own = fillsOf(points, look)
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    fill[at] = packed(own(row), alpha)
    ring[at] = rings[points.predicted[row]!] ?? rings.at(-1)!
  }
  return { rows, fill: new Uint8Array(fill.buffer), ring: new Uint8Array(ring.buffer) }
}

/** Four bytes as a number, as this machine orders them: every browser's does alike. */
function packed([red, green, blue]: Rgb, alpha: number): number {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0
}

function fillsOf(points: Points, look: Look): (row: number) => Rgb {
  const none = KINDS[Kind.Agree]
  if (look.colour === "kind") return (row) => KINDS[points.kind(row)]
  if (look.colour === "author") return (row) => look.authors.get(points.authors[row]!) ?? none
  if (look.colour === "label") return (row) => look.colors[points.truth[row]!] ?? none
  const steps = Array.from({ length: 101 }, (_, step) =>
    UNSURE!.map((channel, at) => Math.round(channel + ((SURE![at]! - channel) * step) / 100)),
  ) as unknown as Rgb[]
  return (row) => steps[Math.round(100 * Math.min(Math.max(points.score[row]! || 0, 0), 1))]!
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

/** As deck.gl takes columns: the same object as long as nothing in it is another. */
export function dots({ rows, fill, ring }: Drawn, where: Coordinates) {
  return {
    length: rows.length,
    attributes: {
      getPosition: { value: places(rows, where), size: 2 },
      getFillColor: { value: fill, size: 4 },
      getLineColor: { value: ring, size: 4 },
    },
  }
}
type Dots = ReturnType<typeof dots>

/** The places of what is quiet and of what is loud come with it: they stay the same while one looks around. */
export function layersOf(
  points: Points,
  parts: Split,
  where: { quiet: Dots; loud: Dots; selected: Float32Array },
  camera: Camera,
  look: Look,
): Layer[] {
  const zoom = Math.min(Math.sqrt(Math.max(camera.zoom, 1)), 2.2)
  const common = { radiusUnits: "pixels", lineWidthUnits: "pixels" } as const
  const { bounds, image } = parts.fog
  return [
    new BitmapLayer({ id: "fog", image, bounds: [bounds.left, bounds.bottom, bounds.right, bounds.top] }),
    new ScatterplotLayer({ id: "quiet", data: where.quiet, getRadius: 2.3 * zoom * parts.small, ...common }),
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
      data: where.loud,
      getRadius: 4.6 * Math.sqrt(zoom),
      getLineWidth: 2.6,
      stroked: true,
      ...common,
    }),
    new TextLayer({
      id: "names",
      data: named(points, parts.loud.rows, where.loud.attributes.getPosition.value, camera, look.names),
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
