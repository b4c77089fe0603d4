import { expect, it } from "vitest"

import { inkOn } from "../ui/color"
import type { AnnotationRecord } from "../live/contract"
import { plural, t, useCatalogue } from "../ui/strings"
import { inOrder } from "./order"
import { search } from "./search"
import { windowOf } from "./windowing"

const titled = (...titles: string[]) => titles.map((title) => ({ title }))

it("the palette finds all words in any order, those that begin words first", () => {
  const found = search(titled("Unlabel", "Label Face", "Label Flag"), "la")

  expect(found.map(({ title }) => title)).toEqual(["Label Face", "Label Flag", "Unlabel"])
  expect(search(titled("Label Face", "Label Flag"), "flag LABEL")).toEqual(titled("Label Flag"))
})

it("of ten thousand rows only those in sight are drawn", () => {
  expect(windowOf(10_000, 32_000, 320, 32, 2)).toEqual({ start: 998, end: 1012 })
  expect(windowOf(3, 0, 320, 32)).toEqual({ start: 0, end: 3 })
  expect(windowOf(5, 9_999, 320, 32)).toEqual({ start: 5, end: 5 })
})

it("names on a person's colour can be read", () => {
  expect(inkOn("#f4b740")).toBe("#0b1220")
  expect(inkOn("#3458e6")).toBe("#fff")
})

it("words come from the catalogue when there is one, and English stands in for what it lacks", () => {
  useCatalogue("de", { "{name} is here": "{name} ist da", "{n} annotation": ["{n} Markierung", "{n} Markierungen"] })

  expect(t("{name} is here", { name: "Jo" })).toBe("Jo ist da")
  expect(plural(2000, "{n} annotation", "{n} annotations")).toBe("2.000 Markierungen")
  expect(plural(1, "{n} label", "{n} labels")).toBe("1 label")
  useCatalogue("en", {})
})

it("annotations stay where they are in the list when something is said of them", () => {
  const made = (id: string, created_at: string, clock: number, clocks: Record<string, number>) =>
    ({ id, created_at, clock, clocks, shape: { type: "rectangle" } }) as unknown as AnnotationRecord
  const at = "2026-11-22T10:00:00Z"
  const imported = [made("b", at, 2, { shape: 2, label: 2 }), made("c", at, 3, { shape: 3, label: 3 })]
  const described = made("a", at, 9, { shape: 1, label: 1, "attributes.age": 9 })
  const drawn = made("d", "2026-11-22T09:00:00Z", 0, {}) // on a machine whose clock is slow, and not saved yet
  const later = made("e", "2026-11-22T11:00:00Z", 4, { shape: 4, label: 4 })

  expect(inOrder([drawn, later, ...imported, described]).map(({ id }) => id)).toEqual(["a", "b", "c", "e", "d"])
})
