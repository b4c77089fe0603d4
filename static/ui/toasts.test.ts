import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Toasts } from "./toasts.svelte"

let toasts: Toasts
const texts = () => toasts.shown.map(({ text }) => text)

beforeEach(() => {
  vi.useFakeTimers()
  toasts = new Toasts()
})
afterEach(() => void vi.useRealTimers())

test("a notice goes by itself, what went wrong stays until it is dismissed", () => {
  toasts.show("info", "Done.")
  toasts.show("warn", "Bob has deleted it.")
  toasts.show("bad", "It was refused.")
  vi.advanceTimersByTime(60_000)
  expect(texts()).toEqual(["It was refused."])

  toasts.drop(toasts.shown[0]!.id)
  expect(texts()).toEqual([])
})

test("nothing goes while one reads it or has the keyboard on it", () => {
  toasts.show("info", "Done.", { title: "Back to it", run: () => undefined })
  toasts.hold(true)
  toasts.show("info", "Skipped.")
  vi.advanceTimersByTime(60_000)
  expect(texts()).toEqual(["Done.", "Skipped."])

  toasts.hold(false)
  expect(texts()).toEqual(["Done.", "Skipped."])
  vi.advanceTimersByTime(60_000)
  expect(texts()).toEqual([])
})

test("many new notices push out older ones, but nothing that went wrong", () => {
  toasts.show("bad", "It was refused.")
  for (let n = 1; n <= 9; n++) toasts.show("info", `Item ${n} is done.`)

  expect(texts()).toContain("It was refused.")
  expect(texts()).toContain("Item 9 is done.")
  expect(texts()).not.toContain("Item 1 is done.")
})

test("the same words again stand there once, and stay as long as if they were new", () => {
  toasts.show("info", "Done.")
  vi.advanceTimersByTime(4_000)
  toasts.show("info", "Done.")
  vi.advanceTimersByTime(4_000)

  expect(texts()).toEqual(["Done."])
})

test("what was told of annotations goes when they are as they were at another moment", () => {
  toasts.show("bad", "It was refused.", { title: "Show", run: () => undefined }, "a1")
  toasts.show("bad", "The comment was not sent.")
  toasts.restored()
  expect(texts()).toEqual(["The comment was not sent."])
})
