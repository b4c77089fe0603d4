import { describe, expect, it } from "vitest"
import type { Label } from "./contract"
import { Guidelines } from "./guidelines.svelte"

const project = { id: 1, guidelines: "<p>Label every cup.</p>", guidelines_read: "" }

function label(id: number, name: string, guidelines_html: string): Label {
  return { id, name, guidelines_html, color: "#336699", hotkey: "", shapes: ["tag"], attributes: [], removed: false }
}

describe("guidelines", () => {
  it("are told as new, then as read, and as changed when a text is another", () => {
    let labels = [label(1, "Cup", "With a handle."), label(2, "Mug", "Without.")]
    const read = () => new Guidelines({ ...project, guidelines_read: known }, () => labels)
    let known = ""

    expect(read().told).toBe("You have not read the guidelines yet.")
    known = read().print
    expect(read().told).toBe("")

    labels = [label(2, "Beaker", "Without."), label(1, "Cup", "With a handle.")]
    expect(read().told).toBe("")
    labels = [label(1, "Cup", "With two handles."), label(2, "Beaker", "Without.")]
    expect(read().told).toBe("The guidelines have changed since you read them.")
  })
})
