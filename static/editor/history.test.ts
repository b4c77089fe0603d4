import { describe, expect, it } from "vitest"

import type { Label } from "./contract"
import { ago } from "../ui/ago"
import { merged, sentence, type LogEntry } from "./history"

const labels = new Map<number, Label>([
  [
    1,
    {
      id: 1,
      name: "Face",
      color: "#f4b740",
      hotkey: "",
      shapes: ["rectangle", "span", "tag"],
      attributes: [{ id: "occluded", name: "Occluded", kind: "checkbox" }],
      removed: false,
    },
  ],
])

type Part = LogEntry["parts"][number]

function part(kind: Part["kind"], more: Partial<Part> = {}): Part {
  return {
    kind,
    annotation: "a",
    label: 1,
    shape: "rectangle",
    properties: [],
    quote: null,
    reshaped: false,
    accepted: false,
    source: "person",
    ...more,
  }
}

function entry(parts: Part[], more: Partial<LogEntry> = {}): LogEntry {
  const actor = { id: 1, name: "Bob", color: "#23a094" }
  const done = { source: "person" as const, clock: 1, count: parts.length, parts, status: null, reason: null }
  return { action: "x", actor, at: "2026-01-01", ...done, ...more }
}

function told(parts: Part[], more: Partial<LogEntry> = {}): string {
  return sentence(entry(parts, more), labels)
    .map(({ text, strong }) => (strong ? `*${text}*` : text))
    .join("")
}

describe("the history tells", () => {
  it.each([
    ["drew *Face*", part("create")],
    ["labelled *“blue one”* Face", part("create", { shape: "span", quote: "blue one" })],
    ["tagged *Face*", part("create", { shape: "tag" })],
    ["accepted the suggestion *Face*", part("create", { accepted: true })],
    ["rejected the suggestion *“blue one”*", part("reject", { shape: "span", quote: "blue one" })],
    ["took off the tag *Face*", part("delete", { shape: "tag" })],
    ["moved *Face*", part("update", { properties: ["shape"] })],
    ["reshaped *Face*", part("update", { properties: ["shape"], reshaped: true })],
    ["moved the ends of *“New York”*", part("update", { shape: "span", quote: "New York", properties: ["shape"] })],
    ["relabelled to *Face*", part("update", { properties: ["label"] })],
    ["set *Occluded* of *Face*", part("update", { properties: ["attributes.occluded"] })],
    ["changed *Face*", part("update", { properties: ["label", "shape"] })],
    ["deleted *Face*", part("delete")],
    ["brought back *Face*", part("restore")],
    ["drew *a removed label*", part("create", { label: 9 })],
  ])("%s", (words, one) => {
    expect(told([one])).toBe(words)
  })

  it("counts what was done to many alike", () => {
    expect(told([part("create"), part("create")], { count: 12 })).toBe("drew 12 × *Face*")
  })

  it("tells the first of different changes and counts the rest", () => {
    expect(told([part("create"), part("delete")], { count: 3 })).toBe("drew *Face* and 2 more changes")
  })

  it("says when it was an undo, a redo, a program, an import or a restoring", () => {
    expect(told([part("create")], { source: "undo" })).toBe("took back: drew *Face*")
    expect(told([part("create")], { source: "redo" })).toBe("did again: drew *Face*")
    expect(told([part("create")], { source: "api" })).toBe("by a program: drew *Face*")
    const imported = part("create", { source: "import" })
    const restored = part("delete", { source: "restore" })
    expect(told([imported], { source: "import", count: 240 })).toBe("imported 240 annotations")
    expect(told([restored], { source: "restore", count: 1 })).toBe("restored an earlier moment · 1 change")
    expect(told([restored], { source: "undo" })).toBe("took back: restored an earlier moment · 1 change")
  })

  it.each([
    ["set it done", "done", ""],
    ["skipped it: too dark", "skipped", "too dark"],
    ["set it to do again", "todo", ""],
    ["sent it back: two faces are missing", "returned", "two faces are missing"],
    ["accepted it", "accepted", ""],
    ["reopened it", "in_progress", ""],
  ] as const)("%s", (words, status, reason) => {
    expect(told([], { status, reason })).toBe(words)
  })

  it("shows markup in a quote as text", () => {
    expect(told([part("create", { shape: "span", quote: "<b>*x*</b>" })])).toBe("labelled *“<b>*x*</b>”* Face")
  })
})

describe("how long ago", () => {
  const now = new Date(2026, 2, 5, 14, 40)

  it.each([
    ["now", new Date(2026, 2, 5, 14, 39, 30)],
    ["8 min", new Date(2026, 2, 5, 14, 32)],
    ["09:05", new Date(2026, 2, 5, 9, 5)],
    ["3 Mar", new Date(2026, 2, 3, 9, 5)],
  ])("%s", (words, at) => {
    expect(ago(at, now, "en-GB")).toBe(words)
  })
})

describe("answers about the history", () => {
  const at = (action: string, clock: number) => entry([], { action, clock })
  const early = [at("b", 2), at("a", 1)]
  const late = [at("c", 4), at("b", 3)] // "b" has gone on meanwhile

  it.each([
    ["in order", early, late],
    ["the wrong way round", late, early],
  ])("that come %s say the same: each action once, newest first", (_how, first, second) => {
    expect(merged(first, second)).toEqual([at("c", 4), at("b", 3), at("a", 1)])
  })
})
