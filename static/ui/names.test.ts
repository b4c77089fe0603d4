import { expect, test } from "vitest"

import { initials, short } from "./names"

test.each([
  ["Zoë de Vries", "ZV"],
  ["Olivia", "O"],
  ["\u200bPaul\u200b \u200b\u200d", "P"],
  ["e\u0301lan", "É"],
  ["👩‍🔬 Curie", "👩C"],
  ["🇩🇪 Team", "🇩🇪T"],
  ["\u200b\u200d\u2060", ""],
])("of %j stands %j", (name, letters) => {
  expect(initials(name)).toBe(letters)
})

test("a long name is cut between letters", () => {
  expect(short("Olivia Santos")).toBe("Olivia Santos")
  expect(short("👩‍🔬".repeat(30))).toBe(`${"👩‍🔬".repeat(23)}…`)
})
