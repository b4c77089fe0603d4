import "fake-indexeddb/auto"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { openQueue, type Queue, type Row } from "./queue"

let user = 0
const open: Queue[] = []

beforeEach(() => {
  user += 1 // a storage of one's own for every test
})

afterEach(() => {
  for (const queue of open.splice(0)) queue.close()
  vi.unstubAllGlobals()
})

function page(client: string, onTrouble: () => void = () => undefined): Queue {
  const queue = openQueue(user, client, onTrouble)
  open.push(queue)
  return queue
}

function row(id: string, client: string, order: number): Row {
  const operations = [{ type: "delete" as const, id, annotation: id }]
  return { id, client, protocol: 1, order, message: { type: "apply", sheet: 1, batch: { id, action: id, operations } } }
}

test("[B2] what a closed tab left is taken over, in the order it was done", async () => {
  const first = page("first")
  first.put([row("b", "first", 2), row("a", "first", 1)])
  first.put([row("c", "first", 3)])
  first.remove(["b"])
  first.close()

  const rows = await page("second").adopt()

  expect(rows.map(({ id, client }) => [id, client])).toEqual([
    ["a", "second"],
    ["c", "second"],
  ])
})

test("two tabs of one person leave each other's work alone", async () => {
  const first = page("first")
  await first.adopt()
  first.put([row("a", "first", 1)])

  expect(await page("second").adopt()).toEqual([])
  first.close()
  await vi.waitFor(async () => expect(await page("third").adopt()).toHaveLength(1))
})

test("one's own rows are not taken over twice", async () => {
  const first = page("first")
  first.put([row("a", "first", 1)])
  expect(await first.adopt()).toEqual([])
})

test("another person in the same browser sees nothing of it", async () => {
  const first = page("first")
  first.put([row("a", "first", 1)])
  first.close()
  user += 1
  expect(await page("second").adopt()).toEqual([])
})

test("without TLS a browser has no locks: everything is taken over, which the server bears", async () => {
  vi.stubGlobal("navigator", {})
  const first = page("first")
  first.put([row("a", "first", 1)])
  expect(await page("second").adopt()).toHaveLength(1)
})

test("it is told when all is written", async () => {
  const first = page("first")
  first.put([row("a", "first", 1)])
  expect(first.kept).toBe(false)
  await vi.waitFor(() => expect(first.kept).toBe(true))
})

test("a browser that keeps nothing is told of once, and nothing breaks", async () => {
  vi.stubGlobal("indexedDB", {
    open: () => {
      throw new Error("no storage here")
    },
  })
  const trouble = vi.fn()
  const first = page("first", trouble)
  first.put([row("a", "first", 1)])
  first.remove(["a"])
  expect(await first.adopt()).toEqual([])

  expect(trouble).toHaveBeenCalledTimes(1)
  expect(first.kept).toBe(false)
})
