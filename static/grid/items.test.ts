import { afterEach, beforeEach, expect, test, vi } from "vitest"

import type { Card, Choices } from "./contract"
import { Items } from "./items.svelte"

/** A server with so many items, whose ids are their places. A cursor is the id of the item before. */
class Server {
  asked: URLSearchParams[] = []
  down = false
  gone = new Set<number>()
  clock = 0
  choices: Choices = { labels: [], people: [] }
  constructor(public count: number) {}

  fetch = (path: string): Promise<Response> => {
    const query = new URL(path, "http://here").searchParams
    this.asked.push(query)
    if (this.down) return Promise.reject(new TypeError("down"))
    if (query.has("counts")) {
      const counts = { total: this.count, by_status: { todo: this.count } }
      return json({ items: [], next: null, counts, choices: this.choices })
    }
    const ids = query.get("ids")
    if (ids) {
      const there = ids.split(",").map(Number)
      const known = (query.get("known") ?? "").split(",").map(Number)
      const fresh = (id: number, i: number) =>
        known[i] === this.clock ? { ...card(id, "fresh"), annotations: null } : { ...card(id, "fresh"), annotations: 7 }
      const items = there.map(fresh).filter(({ id }) => !this.gone.has(id))
      return json({ items, next: null, counts: null })
    }
    const first = Number(query.get("cursor") ?? -1) + 1 + Number(query.get("skip"))
    const end = Math.min(this.count, first + Number(query.get("limit")))
    const places = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i)
    const items = places.filter((id) => !this.gone.has(id)).map((id) => card(id))
    return json({ items, next: end < this.count ? String(end - 1) : null, counts: null })
  }
}

function card(id: number, name = `item ${id}`): Card {
  const none = {
    thumbnail: null,
    width: null,
    height: null,
    snippet: "",
    reason: "",
    clock: 0,
    stamp: 0,
    suggested: { count: 0, outlines: [], spans: [], tags: [] },
    annotations: 0,
    assignee: null,
    unsure: false,
    comments: 0,
    unread: 0,
  }
  return { id, kind: "text", name, status: "todo", outlines: [], spans: [], tags: [], people: [], ...none }
}

const json = (body: unknown) => Promise.resolve(new Response(JSON.stringify(body)))

let server: Server
let items: Items

beforeEach(async () => {
  server = new Server(1000)
  vi.stubGlobal("fetch", server.fetch)
  items = new Items("/grid/", { labels: [], people: [] })
  items.show(new URLSearchParams())
  await settled()
})
afterEach(() => vi.unstubAllGlobals())

const settled = () => new Promise((done) => setTimeout(done, 10))

test("the first page and the counts come by themselves", () => {
  expect([items.total, items.at(0)?.id, items.at(59)?.id, items.at(60)]).toEqual([1000, 0, 59, undefined])
})

test("a page far away is reached from the nearest cursor, without those between", async () => {
  await items.want(600, 650)

  expect(items.at(600)?.id).toBe(600)
  expect(items.at(300)).toBeUndefined()
  expect(server.asked.at(-1)?.get("skip")).toBe("540")
  await items.want(660, 670)
  expect(server.asked.at(-1)?.get("skip")).toBe("0")
  expect(items.at(660)?.id).toBe(660)
})

test("what is here is not asked for again", async () => {
  await items.want(0, 100)
  const asked = server.asked.length
  await items.want(0, 100)

  expect(server.asked.length).toBe(asked)
})

test("the end is where the last page ends, whatever was counted", async () => {
  server.count = 130
  await items.want(60, 130)

  expect(items.total).toBe(130)
})

test("what cannot be fetched is told, and fetched when asked again", async () => {
  server.down = true
  await items.want(60, 100)
  expect(items.failed?.code).toBe("offline")
  server.down = false
  await items.want(60, 100)

  expect(items.failed).toBeNull()
  expect(items.at(60)?.id).toBe(60)
})

test("what cannot be fetched stays told when what was asked for before comes late", async () => {
  vi.stubGlobal("fetch", async (path: string) => {
    const answer = await server.fetch(path)
    await settled()
    return answer
  })
  const before = items.want(60, 100)
  server.down = true
  await items.want(60, 200)
  await before

  expect([items.at(60)?.id, items.at(120)?.id, items.failed?.code]).toEqual([60, undefined, "offline"])
  server.down = false
  await items.want(60, 200)
  expect(items.failed).toBeNull()
})

test("a first page that is known is not asked for", async () => {
  const asked = server.asked.length
  const cards = Array.from({ length: 60 }, (_, i) => card(i))
  items.show(new URLSearchParams(), { items: cards, next: "59", counts: { total: 1000, by_status: {} } })
  expect([items.total, items.at(59)?.id, server.asked.length]).toEqual([1000, 59, asked])
  await items.want(0, 100)

  expect(items.at(60)?.id).toBe(60)
  expect(server.asked.length).toBe(asked + 1)
})

test("an answer to filters of before is not shown", async () => {
  items.show(new URLSearchParams("q=a"))
  server.count = 3
  items.show(new URLSearchParams("q=b"))
  await settled()

  expect(items.total).toBe(3)
})

test("the cards of before stay until the new ones are there", async () => {
  server.count = 999
  server.gone.add(5)
  const anew = items.again()
  expect(items.at(5)?.id).toBe(5)
  await anew

  expect(items.at(5)?.id).toBe(6)
  expect(items.total).toBe(999)
})

test("single cards are refreshed in their places", async () => {
  await items.refresh([items.at(3)!, items.at(4)!])

  expect([items.at(3)?.name, items.at(4)?.name, items.at(5)?.name]).toEqual(["fresh", "fresh", "item 5"])
})

test("what is drawn on a card comes anew once its sheet has moved on", async () => {
  await items.refresh([items.at(3)!])
  expect(items.at(3)?.annotations).toBe(0)
  server.clock = 1

  await items.refresh([items.at(3)!])

  expect(items.at(3)?.annotations).toBe(7)
})

test("a card that fits the filters no more stays where it is", async () => {
  items.show(new URLSearchParams("status=todo"))
  await settled()
  await items.refresh([items.at(3)!])

  expect(server.asked.at(-1)?.has("status")).toBe(false)
  expect(items.at(3)?.name).toBe("fresh")
})

test("where a card's item is gone the list begins anew", async () => {
  server.gone.add(4)
  server.count = 999

  await items.refresh([items.at(3)!, items.at(4)!])

  expect([items.total, items.at(4)?.id]).toEqual([999, 5])
})

test("where the counts tell of new items the list begins anew, and what is in sight comes by itself", async () => {
  await items.want(960, 1000)
  const asked = server.asked.length
  await items.moved()
  expect(server.asked.length).toBe(asked + 1)
  server.count = 1001

  await items.moved()

  expect([items.total, items.at(1000)?.id]).toEqual([1001, 1000])
})

test("labels that look different begin the list anew, as cards are drawn in their colours", async () => {
  await items.want(0, 0)
  await settled()
  server.choices = { labels: [{ id: 1, name: "Cup", color: "#336699", tags: true }], people: [] }
  const before = server.asked.length
  await items.moved()
  expect(items.choices).toEqual(server.choices)
  expect(server.asked.length).toBeGreaterThan(before + 1)
  const after = server.asked.length
  await items.moved()
  expect(server.asked.length).toBe(after + 1)
})

test("counts that do not come in the background are nobody's trouble, and items that come later are seen", async () => {
  server.down = true
  await items.moved()
  expect(items.failed).toBeNull()
  server.down = false
  server.count = 1001

  await items.moved()

  expect(items.total).toBe(1001)
})

test("a range is fetched whole", async () => {
  const cards = await items.between(50, 449)

  expect(cards.map(({ id }) => id)).toEqual(Array.from({ length: 400 }, (_, i) => 50 + i))
})

test("a long way through does not keep all it has seen", async () => {
  server.count = 100_000
  await items.count()
  for (let index = 0; index < 60 * 60; index += 60) await items.want(index, index + 59)

  expect(items.at(0)).toBeUndefined()
  expect(items.at(3599)?.id).toBe(3599)
})
