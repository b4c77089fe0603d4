import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { box, closeTab, left, move, pass, settle, someone, type Someone } from "./testing/fixtures"
import { ModelServer } from "./testing/server"

let server: ModelServer
let alice: Someone
let bob: Someone

beforeEach(async () => {
  vi.useFakeTimers()
  server = new ModelServer()
  alice = someone(server, 1)
  bob = someone(server, 2)
  await pass()
})

afterEach(() => {
  closeTab(alice)
  closeTab(bob)
  vi.useRealTimers()
})

test("[W2] nothing is called saved before the server has said so", () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  expect(alice.live.save).toEqual({ kind: "saving" })
  alice.cable.deliverUp()
  expect(alice.live.save).toEqual({ kind: "saving" })
  alice.cable.deliverDown()
  expect(alice.live.save).toEqual({ kind: "saved" })
})

test("[B2] [B3] one works offline, closes the tab, returns, and all is there", async () => {
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  alice.session.apply([move("a", 25)])
  alice.session.setStatus("done")
  alice.session.setUnsure(true)
  expect(alice.live.save).toEqual({ kind: "offline", waiting: 4 })
  expect([alice.session.status, alice.session.unsure]).toEqual(["done", true])
  closeTab(alice)

  alice = someone(server, 1, alice.disk)
  await pass()

  expect(left(bob, "a")).toBe(25)
  expect([bob.session.status, bob.session.unsure]).toEqual(["done", true])
  expect([alice, bob].map(({ notices }) => notices.map(({ code }) => code))).toEqual([[], ["finished"]])
  expect(alice.live.save).toEqual({ kind: "saved" })
  expect(alice.disk.rows.size).toBe(0)
})

test("[B2] what waits for a sheet that is not opened is sent too, and its room is left", async () => {
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  closeTab(alice)

  alice = someone(server, 1, alice.disk)
  alice.session.close()
  expect(alice.live.waiting).toBe(0) // not read from the disk yet
  await pass()

  expect(left(bob, "a")).toBe(0)
  expect(alice.live.waiting).toBe(0)
  expect(bob.session.peers.size).toBe(0)
})

test("what waits on an item that one has left is counted too", () => {
  alice.cable.goOffline()
  alice.session.apply([box("a"), box("b")])
  alice.session.close()
  alice.live.open({ sheet: 8, id: 80, project: 1, name: "plates.jpg" })

  expect(alice.live.save).toEqual({ kind: "offline", waiting: 2 })
})

test("[W4] what was applied but not acknowledged is sent again and applied once", async () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.cable.deliverUp()
  alice.cable.cut()
  alice.cable.direct = true
  await pass(1000)

  expect(server.log).toHaveLength(1)
  expect(alice.live.save).toEqual({ kind: "saved" })
})

test("[C4] a session that ends in mid-drag keeps the work until one has signed in again", async () => {
  alice.session.apply([box("a")])
  alice.cable.cut(4401)
  alice.session.apply([move("a", 33)])
  expect(alice.live.save).toEqual({ kind: "signed_out", waiting: 1 })
  expect(alice.live.signOutWarning).toMatch(/^One change is not saved/)
  await pass(60_000)
  expect(alice.cable.wire).toBeUndefined()

  alice.live.resume()
  await pass()
  expect(left(bob, "a")).toBe(33)
  expect(alice.live.signOutWarning).toBeNull()
})

test("who signs in as someone else sends nothing of the other's", async () => {
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  const { disk } = alice
  closeTab(alice)
  alice = someone(server, 1, disk, bob.cable)
  await pass()

  expect(alice.notices).toMatchObject([{ code: "someone_else" }])
  expect(server.log).toHaveLength(0)
  expect(disk.rows.size).toBe(1)
})

test("[W11] a change that came too fast is sent again, in order", async () => {
  server.tooFast = 1
  alice.session.apply([box("a")])
  alice.session.apply([move("a", 12)])
  expect(server.log).toHaveLength(0)
  await pass(1_100)

  expect(left(bob, "a")).toBe(12)
  expect(alice.notices).toEqual([])
})

test("[B4] a change waits for the answer to the one before it, which may have come too fast", async () => {
  alice.cable.direct = false
  server.tooFast = 1
  alice.session.apply([box("a")])
  alice.session.apply([move("a", 12)])
  settle(alice)
  await pass(1_100)
  settle(alice)

  expect(left(alice, "a")).toBe(12)
  expect(server.log).toHaveLength(2)
  expect(alice.notices).toEqual([])
})

test("[W11] many changes in a row go out below 200 a second", async () => {
  for (let n = 0; n < 1_000; n++) alice.session.apply([box(`box-${n}`)])
  expect(server.log.length).toBeLessThanOrEqual(200)
  await pass(1_000)
  expect(server.log.length).toBeLessThanOrEqual(400)
  await pass(5_000)
  expect(server.log).toHaveLength(1_000)
})

test("a thousand boxes at once are one action, and one undo", async () => {
  alice.session.apply(Array.from({ length: 1_000 }, (_, n) => box(`box-${n}`)))
  expect(bob.session.records.size).toBe(1_000)
  await pass(6_000)
  alice.session.undo()
  expect(bob.session.records.size).toBe(0)
})

test("[W11] two thousand suggestions are accepted and taken back without a wait", () => {
  const accepted = (n: number) => ({ ...box(`box-${n}`), prediction: `p-${n}` })
  alice.session.apply(Array.from({ length: 2_000 }, (_, n) => accepted(n)))
  expect(bob.session.records.size).toBe(2_000)
  alice.session.undo()
  expect(bob.session.records.size).toBe(0)
})

test("[B6] a network that is dead without a word is noticed, and shown as offline", async () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  await pass(10_001)
  expect(alice.live.save.kind).toBe("offline")
  alice.cable.direct = true
  await pass(1_000)
  expect(alice.live.save).toEqual({ kind: "saved" })
})

test("[W11] what is too large for a message is refused on the spot", () => {
  const quote = "本".repeat(200_000)
  alice.session.apply([
    { type: "create", annotation: "a", label: 1, shape: { type: "span", start: 0, end: 200_000, quote } },
  ])

  expect(alice.notices).toMatchObject([{ code: "too_large" }])
  expect(alice.live.save).toEqual({ kind: "saved" })
})

test("[B2] a queue of an older protocol is offered as a file, never dropped", async () => {
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  closeTab(alice)
  for (const row of alice.disk.rows.values()) row.protocol = 0

  alice = someone(server, 1, alice.disk)
  await pass()
  expect(server.log).toHaveLength(0)
  expect(alice.live.aside).toBe(1)
  expect(alice.notices).toMatchObject([{ code: "aside" }])
  expect(alice.disk.rows.size).toBe(1)
})

test("[B2] a row of a page that did not yet say its item is offered as a file too", async () => {
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  closeTab(alice)
  for (const row of alice.disk.rows.values()) delete row.item

  alice = someone(server, 1, alice.disk)
  await pass()

  expect(server.log).toHaveLength(0)
  expect(alice.live.aside).toBe(1)
  expect(alice.live.asideWhy).toEqual(["This was made by an older version of the page."])
  expect(alice.disk.rows.size).toBe(1)
})
