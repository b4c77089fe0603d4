/** What one does to a graph, and what it would not take. Nothing here changes what it is given. */

import { t } from "../ui/strings"
import type { Config, DetectorKind, Graph, GraphEdge, GraphNode, Kind, OperatorKind, Port } from "./contract"

export const ITEMS = "items"

/** What nodes may be, by name. */
export interface Kinds {
  detectors: ReadonlyMap<string, DetectorKind>
  operators: ReadonlyMap<string, OperatorKind>
}

export interface Connection {
  source: string
  target: string
  input: string
}

export function nodeOf(graph: Graph, id: string): GraphNode | undefined {
  return graph.nodes.find((node) => node.id === id)
}

export function inputOf(edge: GraphEdge): string {
  return edge.input ?? "in"
}

/** Whether images or texts go in. */
export function kindOf(graph: Graph): Kind {
  return graph.nodes.find(({ kind }) => kind === ITEMS)?.config?.["of"] === "text" ? "text" : "image"
}

export function titleOf(node: GraphNode, kinds: Kinds): string {
  if (node.title) return node.title
  if (node.kind === ITEMS) return t("Items")
  return (kinds.operators.get(node.kind) ?? kinds.detectors.get(node.kind))?.title ?? node.kind
}

/** Its inputs; only “subtract” has something to take away. */
export function portsOf(node: GraphNode, kinds: Kinds): ReadonlyMap<string, Port> {
  if (node.kind === ITEMS) return new Map()
  const ports = kinds.operators.get(node.kind)?.ports ?? { in: { takes: "item", many: false } }
  return new Map(
    Object.entries(ports).filter(
      ([name]) => node.kind !== "combine" || name !== "minus" || node.config?.["how"] === "subtract",
    ),
  )
}

/** The nodes that become suggestions: those named, or else those that nothing comes after. */
export function ends(graph: Graph): ReadonlySet<string> {
  if (graph.results?.length) return new Set(graph.results)
  const before = new Set(graph.edges.map(({ source }) => source))
  return new Set(graph.nodes.filter(({ id, kind }) => kind !== ITEMS && !before.has(id)).map(({ id }) => id))
}

export function feeding(graph: Graph, target: string, input: string): string[] {
  return graph.edges.filter((edge) => edge.target === target && inputOf(edge) === input).map(({ source }) => source)
}

/** Whether one comes to `to` from `from` along the edges. */
export function leads(graph: Graph, from: string, to: string): boolean {
  const seen = new Set([from])
  const waiting = [from]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === to) return true
    for (const edge of graph.edges) {
      if (edge.source !== at || seen.has(edge.target)) continue
      seen.add(edge.target)
      waiting.push(edge.target)
    }
  }
  return false
}

/** Why a connection is not to be made; null when it is. Said as the server says it of a graph that has it. */
export function refusal(graph: Graph, { source, target, input }: Connection, kinds: Kinds): string | null {
  const [from, to] = [nodeOf(graph, source), nodeOf(graph, target)]
  if (!from || !to) return t("There is no such node.")
  const names = { source: titleOf(from, kinds), target: titleOf(to, kinds) }
  const port = portsOf(to, kinds).get(input)
  if (!port) return t("{target} takes nothing: a pipeline begins there.", names)
  if (leads(graph, target, source)) return t("That would go in a circle: {source} already comes after {target}.", names)
  if (from.kind === ITEMS && port.takes === "found")
    return t("{target} works on what was found. Put a detector between {source} and it.", names)
  if (from.kind !== ITEMS && port.takes === "item")
    return t("{target} looks at whole items. Connect the items to it, or use “On each region” after {source}.", names)
  const takes = kinds.detectors.get(to.kind)?.takes
  if (from.kind === ITEMS && takes && takes !== kindOf(graph))
    return t("{target} looks at {takes}s, and these items are {kind}s.", { ...names, takes, kind: kindOf(graph) })
  const feeds = feeding(graph, target, input)
  if (feeds.includes(source)) return t("{source} feeds {target} already.", names)
  if (feeds.length && !port.many)
    return t("{target} takes one input “{input}”. Combine the two first, or remove the other.", { ...names, input })
  return null
}

/** The first input of a node that takes it; where none does, why. */
export function fitting(graph: Graph, source: string, target: string, kinds: Kinds): Connection | string {
  const to = nodeOf(graph, target)
  let why = ""
  for (const input of to ? portsOf(to, kinds).keys() : []) {
    const connection = { source, target, input }
    const refused = refusal(graph, connection, kinds)
    if (!refused) return connection
    why ||= refused
  }
  return why || t("{target} takes nothing: a pipeline begins there.", { target: to ? titleOf(to, kinds) : target })
}

export function connect(graph: Graph, { source, target, input }: Connection): Graph {
  const edge = input === "in" ? { source, target } : { source, target, input }
  return { ...graph, edges: [...graph.edges, edge] }
}

export function disconnect(graph: Graph, { source, target, input }: Connection): Graph {
  const gone = (edge: GraphEdge) => edge.source === source && edge.target === target && inputOf(edge) === input
  return { ...graph, edges: graph.edges.filter((edge) => !gone(edge)) }
}

/** Without some nodes, and the edges at them. */
export function without(graph: Graph, ids: ReadonlySet<string>): Graph {
  return named({
    ...graph,
    nodes: graph.nodes.filter(({ id }) => !ids.has(id)),
    edges: graph.edges.filter(({ source, target }) => !ids.has(source) && !ids.has(target)),
    results: graph.results?.filter((id) => !ids.has(id)),
  })
}

/** A node under an id that is free, named after what it is. */
export function added(graph: Graph, node: Omit<GraphNode, "id">): [Graph, string] {
  const taken = new Set(graph.nodes.map(({ id }) => id))
  const base = node.kind.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 50)
  let id = base
  for (let n = 2; taken.has(id); n++) id = `${base}_${n}`
  return [{ ...graph, nodes: [...graph.nodes, { id, ...node }] }, id]
}

export function changed(graph: Graph, id: string, values: Partial<GraphNode>): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...values } : node)) }
}

/** A configuration in which something is said, or nothing any more. */
export function put(config: Config | undefined, name: string, value: unknown): Config {
  const rest = Object.entries(config ?? {}).filter(([other]) => other !== name)
  return Object.fromEntries(value === undefined ? rest : [...rest, [name, value]])
}

/** Edges that a node has no input for any more are taken out. */
export function configured(graph: Graph, id: string, config: Config, kinds: Kinds): Graph {
  const next = changed(graph, id, { config })
  const ports = portsOf(nodeOf(next, id)!, kinds)
  return { ...next, edges: next.edges.filter((edge) => edge.target !== id || ports.has(inputOf(edge))) }
}

/** Whether what a node finds is suggested. Those that end the pipeline need not be named. */
export function suggested(graph: Graph, id: string, yes: boolean): Graph {
  const results = new Set(ends(graph))
  if (yes) results.add(id)
  else results.delete(id)
  return named({ ...graph, results: [...results].sort() })
}

function named(graph: Graph): Graph {
  const { results, ...rest } = graph
  if (!results?.length) return rest
  const free = [...ends(rest)].sort()
  return free.length === results.length && free.every((id, at) => id === results[at]) ? rest : graph
}

/** Whether two are one: what is left out counts as what it is then. */
export function same(a: Graph, b: Graph): boolean {
  return told(a) === told(b)
}

function told(graph: Graph): string {
  const nodes = graph.nodes.map(({ id, kind, config, title, x, y }) => [
    id,
    kind,
    ordered(config ?? {}),
    title ?? "",
    x ?? 0,
    y ?? 0,
  ])
  const edges = graph.edges.map((edge) => [edge.source, edge.target, inputOf(edge), edge.weight ?? 1])
  return JSON.stringify([nodes.sort(), edges.sort(), [...(graph.results ?? [])].sort()])
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== "object") return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, ordered(one)])
}

/** Some labels that may come to a node, as far as the configurations of those before it tell. */
export function labelsBefore(graph: Graph, id: string): string[] {
  const found = new Set<string>()
  for (const node of graph.nodes) {
    if (node.id === id || !leads(graph, node.id, id)) continue
    const inner = (node.config?.["detector"] as { config?: Config } | undefined)?.config
    for (const label of [node.config?.["label"], inner?.["label"]]) if (typeof label === "string") found.add(label)
  }
  return [...found]
}

const WIDE = 260
const HIGH = 200

/** Places of whole pixels. Where nobody has placed the nodes, as in what Find or a program made, they stand side by side
 * in the order in which they work. */
export function placed(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) => ({ ...node, x: Math.round(node.x ?? 0), y: Math.round(node.y ?? 0) }))
  if (nodes.length < 2 || nodes.some(({ x, y }) => x !== nodes[0]!.x || y !== nodes[0]!.y)) return { ...graph, nodes }
  const columns: number[] = []
  return {
    ...graph,
    nodes: nodes.map((node) => {
      const column = nodes.filter(({ id }) => id !== node.id && leads(graph, id, node.id)).length
      const row = (columns[column] = (columns[column] ?? -1) + 1)
      return { ...node, x: column * WIDE, y: row * (HIGH + 20) }
    }),
  }
}

/** Where the next node may stand: right of one, below what is there already. */
export function placeAfter(graph: Graph, id: string | null): { x: number; y: number } {
  const from = (id ? nodeOf(graph, id) : undefined) ?? graph.nodes.at(-1)
  if (!from) return { x: 0, y: 0 }
  const x = (from.x ?? 0) + WIDE
  let y = from.y ?? 0
  const covers = (node: GraphNode) => Math.abs((node.x ?? 0) - x) < WIDE - 20 && Math.abs((node.y ?? 0) - y) < HIGH
  while (graph.nodes.some(covers)) y += HIGH + 20
  return { x, y }
}
