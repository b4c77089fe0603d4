import { describe, expect, it } from "vitest"

import type { Label } from "./contract"
import { written } from "../ui/written"
import { labelKeys, namesOf, type KeyPress } from "./keys"

function press(key: string, code = "", held: Partial<KeyPress> = {}): KeyPress {
  return { key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }
}

function label(id: number, hotkey = ""): Label {
  return { id, name: `Label ${id}`, color: "#f4b740", hotkey, shapes: ["rectangle"], attributes: [], removed: false }
}

describe("what a key press is called", () => {
  it("is what is printed on the key, whatever Caps Lock says", () => {
    expect(namesOf(press("r", "KeyR"))).toEqual(["R"])
    expect(namesOf(press("R", "KeyR"))).toEqual(["R"])
  })

  it("tells Shift with letters and named keys but not with signs", () => {
    expect(namesOf(press("D", "KeyD", { shiftKey: true }))[0]).toBe("Shift+D")
    expect(namesOf(press("Tab", "Tab", { shiftKey: true }))[0]).toBe("Shift+Tab")
    expect(namesOf(press("?", "Slash", { shiftKey: true }))[0]).toBe("?")
  })

  it("takes Ctrl and Cmd for the same", () => {
    expect(namesOf(press("z", "KeyZ", { ctrlKey: true }))[0]).toBe("Mod+Z")
    expect(namesOf(press("z", "KeyZ", { metaKey: true, shiftKey: true }))[0]).toBe("Mod+Shift+Z")
  })

  it("falls back on where the key is, for other alphabets and for digits behind Shift", () => {
    expect(namesOf(press("к", "KeyR"))).toEqual(["К", "R"])
    expect(namesOf(press("&", "Digit1"))).toEqual(["&", "1"])
  })
})

describe("how a key is written", () => {
  it("follows the machine", () => {
    expect(written("Mod+Shift+Z", false)).toBe("Ctrl Shift Z")
    expect(written("Mod+Shift+Z", true)).toBe("⌘⇧Z")
    expect(written("+", false)).toBe("+")
    expect(written("ArrowLeft", false)).toBe("←")
  })
})

describe("the keys of labels", () => {
  it("are their own, and stay when another label goes", () => {
    const [first, second, third] = [label(1, "q"), label(2), label(3, "1")]

    expect(labelKeys([first!, second!, third!], new Set())).toEqual(
      new Map([
        [1, "Q"],
        [3, "1"],
      ]),
    )
    expect(labelKeys([second!, third!], new Set())).toEqual(new Map([[3, "1"]]))
  })

  it("give way to the editor's own keys and to earlier labels", () => {
    const keys = labelKeys([label(1, "r"), label(2, "q"), label(3, "q")], new Set(["R"]))

    expect(keys).toEqual(new Map([[2, "Q"]]))
  })
})
