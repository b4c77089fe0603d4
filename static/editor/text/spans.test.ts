import { expect, test } from "vitest"

import { cycle, Spans, type Span } from "./spans"

const span = (id: string, start: number, end: number): Span => ({ id, start, end, label: undefined, score: null })

test("a span is drawn in every block it touches, and no longer where it has left", () => {
  const spans = new Spans([0, 10, 20])

  expect(spans.set("a", span("a", 5, 15))).toEqual([0, 1])
  expect(spans.set("a", span("a", 5, 15))).toEqual([])
  expect(spans.set("a", span("a", 12, 20))).toEqual([0, 1])

  expect(spans.inBlock(0)).toEqual([])
  expect(spans.inBlock(1).map((s) => s.id)).toEqual(["a"])
  expect(spans.inBlock(2)).toEqual([])
  expect(spans.set("a", undefined)).toEqual([1])
})

test("a click selects the smallest, and each further click the next larger", () => {
  const hits = [span("large", 0, 30), span("small", 4, 6), span("middle", 2, 9)]

  expect(cycle(hits, new Set())).toBe("small")
  expect(cycle(hits, new Set(["small"]))).toBe("middle")
  expect(cycle(hits, new Set(["large"]))).toBe("small")
  expect(cycle([], new Set(["small"]))).toBeNull()
})
