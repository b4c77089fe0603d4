/** What models suggest for an item. Pure: which of it is shown, and what deciding it asks of the sheet. */

import type { AnnotationRecord, Decision, Id, Operation } from "../live/contract"
import { number } from "../ui/strings"
import { kindOf, onImageOnly } from "./image/shapes"
import type { Bounds } from "./image/geometry"
import { SpatialIndex } from "./image/spatial"

/** One of GET /api/items/ID/suggestions/, the surest first: what stands for it on the sheet is `annotation`. */
export interface Suggestion {
  prediction: Id
  annotation: Id
  label: number
  shape: AnnotationRecord["shape"]
  score: number
  run: number
  state: Decision
}

/** Of what two shapes cover together, both cover so much: they say the same. As detectors/suggesting.py has it. */
const ALIKE = 0.5

type Labelled = Pick<AnnotationRecord, "label" | "shape">

/** Nobody has decided these, and no annotation of the same label says them already. */
export function undecided(
  all: readonly Suggestion[],
  decided: (annotation: Id) => Decision | undefined,
  records: Iterable<Labelled>,
): Suggestion[] {
  const open = all.filter(({ annotation, state }) => (decided(annotation) ?? state) === "open")
  if (!open.length) return open
  const said = sayings(records, new Set(open.map(({ label }) => label)))
  return open.filter((one) => !said(one))
}

/** Each place once: of those that say the same the surest. */
export function distinct(sure: readonly Suggestion[]): Suggestion[] {
  const kept = new Map<number, Labelled[]>()
  return sure.filter((one) => {
    if (!kept.has(one.label)) kept.set(one.label, [])
    const others = kept.get(one.label)!
    return !others.some((other) => alike(one.shape, other.shape)) && others.push(one) > 0
  })
}

export const accepting = ({ annotation, label, shape, prediction }: Suggestion): Operation => ({
  type: "create",
  annotation,
  label,
  shape,
  prediction,
})

export const rejecting = ({ annotation, prediction }: Suggestion): Operation => ({
  type: "reject",
  annotation,
  prediction,
})

/** Of a label, or of all of them (null), and at least so sure, from 0 to 1. */
export function above(suggestions: readonly Suggestion[], threshold: number, label: number | null): Suggestion[] {
  return suggestions.filter((one) => one.score >= threshold && (label === null || one.label === label))
}

export function counts(suggestions: readonly Suggestion[]): Map<number, number> {
  const found = new Map<number, number>()
  for (const { label } of suggestions) found.set(label, (found.get(label) ?? 0) + 1)
  return found
}

export const percent = (score: number): string => `${number(Math.round(score * 100))} %`

export function alike(one: Labelled["shape"], other: Labelled["shape"]): boolean {
  if (one.type === "tag" || other.type === "tag") return one.type === other.type
  const [first, second] = [extentOf(one), extentOf(other)]
  const wide = Math.min(first.right, second.right) - Math.max(first.left, second.left)
  const high = Math.min(first.bottom, second.bottom) - Math.max(first.top, second.top)
  const both = Math.max(0, wide) * Math.max(0, high)
  return both > 0 && both / (areaOf(first) + areaOf(second) - both) >= ALIKE
}

/** A box, or a stretch of text as one that is a line high. */
function extentOf(shape: Exclude<Labelled["shape"], { type: "tag" }>): Bounds {
  if (shape.type === "span") return { left: shape.start, right: shape.end, top: 0, bottom: 1 }
  const drawn = onImageOnly(shape)!
  return kindOf(drawn).bounds(drawn)
}

const areaOf = ({ left, top, right, bottom }: Bounds): number => (right - left) * (bottom - top)

/** Does an annotation say this already? Found by place: there may be thousands of both. */
function sayings(records: Iterable<Labelled>, labels: ReadonlySet<number>): (one: Labelled) => boolean {
  const tags = new Set<number>()
  const placed = new Map<number, { bounds: Bounds; shape: Labelled["shape"] }[]>()
  for (const { label, shape } of records) {
    if (!labels.has(label)) continue
    if (shape.type === "tag") tags.add(label)
    else {
      if (!placed.has(label)) placed.set(label, [])
      placed.get(label)!.push({ bounds: extentOf(shape), shape })
    }
  }
  const indices = new Map([...placed].map(([label, shapes]) => [label, indexOf(shapes)]))
  return ({ label, shape }) => {
    if (shape.type === "tag") return tags.has(label)
    return (indices.get(label)?.search(extentOf(shape)) ?? []).some((other) => alike(shape, other.shape))
  }
}

function indexOf<T extends { bounds: Bounds }>(things: T[]): SpatialIndex<T> {
  const index = new SpatialIndex<T>()
  index.reset(things)
  return index
}
