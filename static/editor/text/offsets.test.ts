import fc from "fast-check"
import { expect, test } from "vitest"

import { Offsets } from "./offsets"

const words = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("שלום", "日本語", "👩‍👩‍👧‍👦", "é", "\r\n", "🇩🇪🇫🇷", "\ud800", "\udc00", "x".repeat(300), "😀".repeat(300)),
)
const texts = fc.array(words, { maxLength: 12 }).map((parts) => parts.join(""))

test("code points and units agree with Array.from", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const offsets = new Offsets(text)
      let unit = 0
      Array.from(text).forEach((character, point) => {
        expect(offsets.toUnits(point)).toBe(unit)
        expect(offsets.toPoints(unit)).toBe(point)
        unit += character.length
      })
      expect(offsets.toUnits(Array.from(text).length)).toBe(text.length)
      expect(offsets.toPoints(text.length)).toBe(Array.from(text).length)
    }),
  )
})

test("a place among a million characters is converted there and back", () => {
  const offsets = new Offsets("a😀".repeat(500_000))

  for (let point = 0; point < 1_000_000; point += 1_009) {
    expect(offsets.toPoints(offsets.toUnits(point))).toBe(point)
  }
})
