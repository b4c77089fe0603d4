import { describe, expect, it } from "vitest"

import type { AnnotationRecord, Decision } from "../live/contract"
import { above, accepting, alike, counts, distinct, rejecting, undecided, type Suggestion } from "./suggested"

type Shape = AnnotationRecord["shape"]

const box = (x: number, y: number, width = 10, height = 10): Shape => ({ type: "rectangle", x, y, width, height })
const span = (start: number, end: number): Shape => ({ type: "span", start, end, quote: "" })
const TAG: Shape = { type: "tag" }

function suggestion(annotation: string, shape: Shape, more: Partial<Suggestion> = {}): Suggestion {
  return { prediction: `p-${annotation}`, annotation, label: 1, shape, score: 0.9, run: 1, state: "open", ...more }
}

const ids = (found: readonly Suggestion[]) => found.map(({ annotation }) => annotation)
const nothingTold = () => undefined

describe("what is suggested is shown", () => {
  it("as long as nobody has decided it, and what the sheet tells counts more than the list", () => {
    const all = [
      suggestion("a", box(0, 0)),
      suggestion("b", box(20, 0), { state: "rejected" }),
      suggestion("c", box(40, 0)),
      suggestion("d", box(60, 0), { state: "accepted" }),
    ]
    const told: Record<string, Decision> = { c: "rejected", d: "open" }

    expect(ids(undecided(all, (id) => told[id], []))).toEqual(["a", "d"])
  })

  it("unless an annotation of the same label says it already", () => {
    const all = [suggestion("box", box(0, 0)), suggestion("words", span(10, 20)), suggestion("tag", TAG)]
    const shown = (label: number, shape: Shape) => ids(undecided(all, nothingTold, [{ label, shape }]))

    expect(shown(1, box(3, 0))).toEqual(["words", "tag"])
    expect(shown(2, box(3, 0))).toEqual(["box", "words", "tag"])
    expect(shown(1, box(4, 0))).toEqual(["box", "words", "tag"])
    expect(shown(1, span(12, 20))).toEqual(["box", "tag"])
    expect(shown(1, TAG)).toEqual(["box", "words"])
  })

  it("however many there are", () => {
    const all = Array.from({ length: 2000 }, (_, n) => suggestion(String(n), box((n % 50) * 12, n * 12)))
    const records = all.slice(0, 1500).map(({ label, shape }) => ({ label, shape }))

    expect(undecided(all, nothingTold, records)).toHaveLength(500)
  })
})

it("two shapes say the same from half of what they cover together on", () => {
  expect(alike(box(0, 0, 30, 10), box(10, 0, 30, 10))).toBe(true) // 20 of 40
  expect(alike(box(0, 0, 30, 10), box(11, 0, 30, 10))).toBe(false)
  expect(alike(span(0, 3), span(1, 4))).toBe(true)
  expect(alike(span(0, 3), span(2, 4))).toBe(false)
  expect(alike(span(0, 3), span(3, 6))).toBe(false)
  expect(alike(TAG, TAG)).toBe(true)
  expect(alike(TAG, box(0, 0))).toBe(false)
  expect(
    alike(
      {
        type: "polygon",
        points: [
          [0, 0],
          [10, 0],
          [0, 10],
        ],
      },
      box(0, 0),
    ),
  ).toBe(true) // by the boxes around them
})

it("those above a threshold, and of a label, are told and counted", () => {
  const all = [
    suggestion("a", TAG),
    suggestion("b", TAG, { score: 0.6 }),
    suggestion("c", TAG, { label: 2, score: 0.6 }),
  ]

  expect(ids(above(all, 0.6, null))).toEqual(["a", "b", "c"])
  expect(ids(above(all, 0.61, null))).toEqual(["a"])
  expect(ids(above(all, 0, 2))).toEqual(["c"])
  expect([...counts(all)]).toEqual([
    [1, 2],
    [2, 1],
  ])
})

it("of those that say the same only the surest is accepted with the others", () => {
  const all = [
    suggestion("sure", box(0, 0)),
    suggestion("again", box(1, 0), { run: 2, score: 0.8 }),
    suggestion("another label", box(1, 0), { label: 2, score: 0.7 }),
    suggestion("tag", TAG),
    suggestion("tag again", TAG, { run: 2 }),
  ]

  expect(ids(distinct(all))).toEqual(["sure", "another label", "tag"])
})

it("deciding names the prediction, and the annotation that stands for it", () => {
  const one = suggestion("a", box(0, 0))

  expect(accepting(one)).toEqual({ type: "create", annotation: "a", label: 1, shape: one.shape, prediction: "p-a" })
  expect(rejecting(one)).toEqual({ type: "reject", annotation: "a", prediction: "p-a" })
})
