import fc from "fast-check"
import { expect, test } from "vitest"

import { blockAt, isRightToLeft, split } from "./blocks"

const cut = (text: string): string[] => {
  const starts = split(text)
  return starts.map((start, i) => text.slice(start, starts[i + 1]))
}

test("each paragraph of a short text is a block", () => {
  expect(cut("one\r\n\r\nthree\nfour")).toEqual(["one\r\n", "\r\n", "three\n", "four"])
  expect(cut("")).toEqual([""])
})

test("short lines of a long text share blocks", () => {
  expect(cut("a line\n".repeat(140_000)).length).toBeLessThan(600)
})

test("a paragraph without end is cut between words, one without words anywhere", () => {
  expect(cut("word ".repeat(200_000)).every((block) => block.endsWith(" "))).toBe(true)
  expect(cut("日".repeat(1_000_000)).every((block) => block.length <= 4000)).toBe(true)
})

test("a long Hebrew paragraph goes on with a Hebrew word, so that it keeps its direction", () => {
  const blocks = cut("שלום latin ".repeat(2_000))

  expect(blocks.length).toBeGreaterThan(4)
  expect(blocks.every(isRightToLeft)).toBe(true)
})

test("blocks hold the whole text, and each unit is found in its own", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("\n", "a b", "😀", "x".repeat(3000))), (parts) => {
      const text = parts.join("")
      const starts = split(text)

      expect(cut(text).join("")).toBe(text)
      for (let unit = 0; unit < text.length; unit += 97) {
        const block = blockAt(starts, unit)
        expect(starts[block]).toBeLessThanOrEqual(unit)
        expect(starts[block + 1] ?? text.length).toBeGreaterThan(unit)
      }
    }),
  )
})
