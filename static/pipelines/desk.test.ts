import { afterEach, beforeEach, expect, test, vi } from "vitest"

import type { Bootstrap, Graph } from "./contract"
import { Desk } from "./desk.svelte"

/** A server that has one pipeline, some versions of it, and one text. */
class Server {
  down = false
  mistakes: { code: string; detail: string }[] = []
  asked: { path: string; body: unknown }[] = []

  fetch = (path: string, { body }: RequestInit = {}): Promise<Response> => {
    if (this.down) return Promise.reject(new TypeError("down"))
    this.asked.push({ path, body: body ? JSON.parse(body as string) : undefined })
    const number = /versions.(\d+).$/.exec(path)?.[1]
    if (number) return json({ pipeline: 7, name: "Dates", number: Number(number), graph: graph(`v${number}`) })
    if (path.includes("/sample/")) return json({ id: 3, kind: "text", text: "a", media: null })
    if (path.includes("/preview/")) return json({ nodes: { find: { count: 2 } } })
    if (path.includes("/standing/")) return json({ number: 2, saved_by: "Bob", runs: [] })
    return json({ mistakes: this.mistakes })
  }

  to(part: string): unknown[] {
    return this.asked.filter(({ path }) => path.includes(part)).map(({ body }) => body)
  }
}

const json = (body: unknown) => Promise.resolve(new Response(JSON.stringify(body)))
const graph = (title: string): Graph => ({
  nodes: [
    { id: "items", kind: "items", config: { of: "text" } },
    { id: "find", kind: "dates", title, x: 260 },
  ],
  edges: [{ source: "items", target: "find" }],
})

function bootstrap(manages: boolean, shown = graph("v1")): Bootstrap {
  return {
    project: { id: 1, name: "Letters", manages },
    pipeline: { id: 7, name: "Dates", number: 1, graph: shown },
    detectors: [],
    operators: [],
    labels: [],
    weights: [],
    back_ends: [],
    items: { image: 0, text: 1 },
  }
}

let server: Server
const kept = new Map<string, string>()
beforeEach(() => {
  server = new Server()
  vi.useFakeTimers()
  vi.stubGlobal("document", { cookie: "", hidden: false })
  vi.stubGlobal("fetch", server.fetch)
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
})
afterEach(() => {
  kept.clear()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const titles = (desk: Desk) => desk.graph.nodes.map(({ title }) => title)

test("who may only look sees the version that they ask for, and nothing unsaved", async () => {
  const desk = new Desk(bootstrap(false))

  await desk.restore(2, 2)

  expect(titles(desk)).toEqual([undefined, "v2"])
  expect([desk.number, desk.unsaved]).toEqual([2, false])
})

test("who may only look sees what a saved pipeline finds", async () => {
  const desk = new Desk(bootstrap(false))

  await desk.look()
  await vi.advanceTimersByTimeAsync(1_000)

  expect(server.to("/pipelines/7/versions/1/preview/")).toEqual([{ item: 3 }])
  expect(desk.preview.nodes["find"]?.count).toBe(2)
  expect(server.to("/check/")).toEqual([])
})

test("what is drawn is tried though the project lacks its labels, and not while it is wrong", async () => {
  const desk = new Desk(bootstrap(true))
  await desk.look()
  for (const code of ["missing_input", "unknown_label"]) {
    server.mistakes = [{ code, detail: "Mend it." }]
    desk.change(graph(code))
    await vi.advanceTimersByTimeAsync(1_000)
  }

  expect(server.to("/preview/").slice(-1)).toEqual([{ graph: graph("unknown_label"), item: 3 }])
  expect(server.to("/preview/")).not.toContainEqual({ graph: graph("missing_input"), item: 3 })
  expect(desk.obstacle).toBe("Mend it.")
})

test("the version that is shown is run, whatever others have saved meanwhile", async () => {
  const desk = new Desk(bootstrap(true))

  await desk.runs.start("status=todo")

  expect(server.to("/run/?status=todo")).toEqual([{ version: 1 }])
})

test("what could not be checked without a network is checked once there is one", async () => {
  const desk = new Desk(bootstrap(true))
  server.down = true
  desk.check()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(desk.obstacle).toBe("The server cannot be reached. Try again in a moment.")

  server.down = false
  await vi.advanceTimersByTimeAsync(10_000)

  expect(desk.obstacle).toBe("")
})

test("what was not saved is there again when the page is, and goes once it is saved", async () => {
  new Desk(bootstrap(true)).set("find", { title: "Mine" })

  const desk = new Desk(bootstrap(true))

  expect(titles(desk)).toEqual([undefined, "Mine"])
  expect(desk.unsaved).toBe(true)
  desk.undo()
  expect(titles(desk)).toEqual([undefined, "v1"])
  expect(titles(new Desk(bootstrap(true)))).toEqual([undefined, "v1"])
})

test("nodes that nobody has placed stand side by side, and that is no change", () => {
  const nowhere = { ...graph("v1"), nodes: graph("v1").nodes.map((node) => ({ ...node, x: 0.4, y: 0 })) }

  const desk = new Desk(bootstrap(true, nowhere))

  const [items, find] = desk.graph.nodes
  expect(find!.x! - items!.x!).toBeGreaterThan(200)
  expect(desk.unsaved).toBe(false)
})
