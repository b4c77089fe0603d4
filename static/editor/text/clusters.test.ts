import fc from "fast-check"
import { expect, test } from "vitest"

import { ceil, floor, next, previous, tidy } from "./clusters"

const family = "👩‍👩‍👧‍👦"

test("a selection inside an emoji family grows to the whole family", () => {
  const text = `a ${family} b`

  expect(tidy(text, 4, 6)).toEqual({ start: 2, end: 2 + family.length })
})

test("combining marks, flags and line ends stay whole", () => {
  expect(tidy("cafe\u0301s", 0, 4)).toEqual({ start: 0, end: 5 })
  expect(ceil("🇩🇪🇫🇷", 5)).toBe(8)
  expect(floor("a\r\nb", 2)).toBe(1)
})

test("white space at the ends is left out, also the wide and the unbreakable", () => {
  expect(tidy(" \u3000日本\u00a0\r\n", 0, 6)).toEqual({ start: 2, end: 4 })
  expect(tidy(" \t\r\n", 0, 4)).toBeNull()
})

test("steps go a character a reader sees at a time, and stop at the ends", () => {
  const text = `x${family}y`

  expect(next(text, 1)).toBe(1 + family.length)
  expect(previous(text, 1 + family.length)).toBe(1)
  expect(next(text, text.length)).toBe(text.length)
  expect(previous(text, 0)).toBe(0)
})

test("a tidy range never cuts a cluster", () => {
  const pieces = fc.constantFrom("a", " ", "\n", "\r\n", family, "e\u0301", "🇩🇪", "שׁ", "한", "\u200d", "\u0308")
  const texts = fc.array(pieces, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(""))
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })
  fc.assert(
    fc.property(texts, fc.nat(), fc.nat(), (text, a, b) => {
      const [start, end] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y) as [number, number]
      const bounds = new Set([...segmenter.segment(text)].map((s) => s.index)).add(text.length)

      const range = tidy(text, start, end)

      if (!range) {
        expect(text.slice(start, end).trim()).toBe("")
        return
      }
      expect(bounds.has(range.start) && bounds.has(range.end)).toBe(true)
      expect(text.slice(range.start, range.end)).toContain(text.slice(start, end).trim())
    }),
  )
})
