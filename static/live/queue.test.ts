import "fake-indexeddb/auto"
import { forceCloseDatabase } from "fake-indexeddb"
import { openDB } from "idb"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type Queue, type Row, StoredQueue } from "./queue"

let user = 0
const open: Queue[] = []

beforeEach(() => {
  user += 1 // a storage of one's own for every test
})

afterEach(() => {
  for (const queue of open.splice(0)) queue.close()
  vi.unstubAllGlobals()
})

function page(client: string, onTrouble: (full: boolean) => void = () => undefined): Queue {
  const queue = new StoredQueue(user, client, onTrouble)
  open.push(queue)
  return queue
}

function row(id: string, client: string, order: number): Row {
  const operations = [{ type: "delete" as const, id, annotation: id }]
  const item = { sheet: 1, id: 10, project: 1, name: "cups.jpg" }
  return {
    id,
    client,
    protocol: 1,
    order,
    item,
    message: { type: "apply", sheet: 1, batch: { id, action: id, operations } },
  }
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

  expect(trouble.mock.calls).toEqual([[false]])
  expect(first.kept).toBe(false)
})

/** What the browser has on its disk, as another page would find it. */
async function stored(): Promise<string[]> {
  const db = await openDB(`live-${user}`)
  const ids = await db.getAllKeys("rows")
  db.close()
  return ids.map(String)
}

/** The connections that pages open from now on. */
function connections(): IDBDatabase[] {
  const found: IDBDatabase[] = []
  const real = indexedDB.open.bind(indexedDB)
  vi.stubGlobal("indexedDB", {
    open: (...names: Parameters<IDBFactory["open"]>) => {
      const request = real(...names)
      request.addEventListener("success", () => found.push(request.result))
      return request
    },
  })
  return found
}

test("[B2] a browser that throws its storage away is given again all that is unanswered", async () => {
  const opened = connections()
  const first = page("first")
  first.put([row("a", "first", 1), row("b", "first", 2)])
  first.remove(["b"])
  await vi.waitFor(() => expect(first.kept).toBe(true))
  const [connection] = opened
  connection!.transaction("rows", "readwrite").objectStore("rows").clear()
  forceCloseDatabase(connection as never)

  first.put([row("c", "first", 3)])
  await vi.waitFor(async () => expect(await stored()).toEqual(["a", "c"]))
  expect(first.kept).toBe(true)
})

test("[B2] a connection that the browser closed without a word is opened again", async () => {
  const opened = connections()
  const trouble = vi.fn()
  const first = page("first", trouble)
  first.put([row("a", "first", 1)])
  await vi.waitFor(() => expect(first.kept).toBe(true))
  opened[0]!.close()

  first.remove(["a"])
  first.put([row("b", "first", 2)])

  await vi.waitFor(async () => expect(await stored()).toEqual(["b"]))
  expect(await first.adopt()).toEqual([])
  expect(trouble).not.toHaveBeenCalled()
})

test("[B2] a full disk is told as such; when there is room again, all is written that was not", async () => {
  const full = new DOMException("The disk is full.", "QuotaExceededError")
  const put = vi.spyOn(IDBObjectStore.prototype, "put").mockRejectedValue(full)
  const trouble = vi.fn()
  const first = page("first", trouble)
  first.put([row("a", "first", 1)])
  first.put([row("b", "first", 2)])
  await vi.waitFor(() => expect(trouble).toHaveBeenCalledTimes(1))
  expect(trouble).toHaveBeenCalledWith(true)
  expect(first.kept).toBe(false)

  put.mockRestore()
  first.remove(["b"])
  await vi.waitFor(async () => expect(await stored()).toEqual(["a"]))
  expect(first.kept).toBe(true)
})
