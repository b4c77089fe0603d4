import { expect, test } from "vitest"

import type { DetectorKind, Graph, OperatorKind } from "./contract"
import { EXAMPLES } from "./examples"
import { fieldsOf, numberIn, summary } from "./fields"
import * as graphs from "./graph"
import { Past } from "./past"
import { pieces, quotes } from "./texts"

const detector = (name: string, takes: "image" | "text"): DetectorKind => ({
  name,
  title: name,
  takes,
  broken: "",
  schema: { properties: { smallest: { title: "Smallest", type: "integer", default: 30 } } },
})
const operator = (name: string, ports: OperatorKind["ports"]): OperatorKind => ({
  name,
  title: name,
  ports,
  schema: {},
})
const found = { takes: "found", many: false } as const
const KINDS: graphs.Kinds = {
  detectors: new Map([detector("faces", "image"), detector("dates", "text")].map((one) => [one.name, one])),
  operators: new Map(
    [
      operator("each", { in: found }),
      operator("relate", { in: found, to: { ...found, many: true } }),
      operator("combine", { in: { ...found, many: true }, minus: { ...found, many: true } }),
    ].map((one) => [one.name, one]),
  ),
}
const GRAPH: Graph = {
  nodes: ["items", "faces", "dates", "each", "relate", "combine"].map((kind) => ({ id: kind, kind })),
  edges: [
    { source: "items", target: "faces" },
    { source: "faces", target: "each" },
    { source: "each", target: "relate" },
  ],
}

test.each([
  ["items", "relate", "to", "works on what was found"],
  ["each", "faces", "in", "go in a circle"],
  ["each", "each", "in", "go in a circle"],
  ["faces", "dates", "in", "looks at whole items"],
  ["items", "dates", "in", "looks at texts, and these items are images"],
  ["faces", "relate", "in", "takes one input “in”"],
  ["faces", "items", "in", "a pipeline begins there"],
  ["faces", "combine", "minus", "takes nothing"],
  ["faces", "relate", "to", null],
  ["each", "combine", "in", null],
])("from %s to %s (%s): %s", (source, target, input, why) => {
  const said = graphs.refusal(GRAPH, { source, target, input }, KINDS)

  if (why === null) expect(said).toBeNull()
  else expect(said).toContain(why)
})

test("a node takes what is dropped on it by the first input that takes it", () => {
  expect(graphs.fitting(GRAPH, "faces", "relate", KINDS)).toEqual({ source: "faces", target: "relate", input: "to" })
})

test("what ends a pipeline is suggested without being named, and other nodes by name", () => {
  expect([...graphs.ends(GRAPH)]).toEqual(["dates", "relate", "combine"])

  const named = graphs.suggested(GRAPH, "faces", true)
  expect(named.results).toEqual(["combine", "dates", "faces", "relate"])
  expect(graphs.suggested(named, "faces", false).results).toBeUndefined()
})

test("a node goes with its edges, and one that is added has an id of its own", () => {
  const left = graphs.without(GRAPH, new Set(["each"]))
  expect(left.edges).toEqual([{ source: "items", target: "faces" }])

  const [more, id] = graphs.added(left, { kind: "faces" })
  expect(id).toBe("faces_2")
  expect(graphs.same(graphs.without(more, new Set([id])), left)).toBe(true)
})

test("what the server leaves out counts as what it is then", () => {
  const told = { ...GRAPH, nodes: GRAPH.nodes.map((node) => ({ ...node, config: {}, title: "", x: 0, y: 0 })) }

  expect(graphs.same(GRAPH, told)).toBe(true)
  expect(graphs.same(GRAPH, graphs.changed(told, "faces", { x: 10 }))).toBe(false)
})

test("letters that are typed in one go are undone in one", () => {
  const past = new Past<string>()
  past.push("", "name", 0)
  past.push("a", "name", 100)
  past.push("ab", "name", 5000)

  expect(past.undo("abc")).toBe("ab")
  expect(past.undo("ab")).toBe("")
  expect(past.canUndo).toBe(false)
  expect(past.redo("")).toBe("ab")
})

test("a form has what its schema says, and a node says in a line what differs from that", () => {
  const schema = {
    properties: {
      threshold: { title: "Threshold", anyOf: [{ type: "integer" }, { type: "null" }], default: null },
      detector: { $ref: "#/$defs/Inner" },
      widths: { prefixItems: [{ type: "number" }, { type: "number" }] },
    },
  }
  const fields = fieldsOf(schema, { threshold: 5 }, { widths: "Too wide." })
  expect(fields.map(({ kind, value, wrong }) => [kind, value, wrong])).toEqual([
    ["number", 5, ""],
    ["detector", undefined, ""],
    ["numbers", undefined, "Too wide."],
  ])
  expect([numberIn(" 1.5 "), numberIn(""), numberIn("many")]).toEqual([1.5, undefined, "many"])
  expect(summary({ id: "faces", kind: "faces", config: { smallest: 40 } }, KINDS)).toBe("smallest 40")
  expect(summary({ id: "faces", kind: "faces", config: { smallest: 30 } }, KINDS)).toBe("")
})

test("texts are cut at code points", () => {
  const dates = [{ place: [2, 4], label: "date", score: 1 }]

  expect(quotes("🫖 14 🫖", dates)).toEqual(["14"])
  expect(pieces("🫖 14 🫖", dates).map(({ text, found: over }) => [text, over.length])).toEqual([
    ["🫖 ", 0],
    ["14", 1],
    [" 🫖", 0],
  ])
})

test("each example hangs together", () => {
  for (const { graph } of EXAMPLES) {
    const ids = new Set(graph.nodes.map(({ id }) => id))
    expect(graph.edges.every(({ source, target }) => ids.has(source) && ids.has(target))).toBe(true)
  }
})
