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

test("[U1] takes back only one's own, and redo brings it again", () => {
  alice.session.apply([box("a")])
  bob.session.apply([box("b")])
  alice.session.undo()
  expect([...bob.session.records.keys()]).toEqual(["b"])
  expect(alice.session.canUndo).toBe(false)
  expect(alice.session.canRedo).toBe(true)

  alice.session.redo()
  expect(alice.session.records.size).toBe(2)
  expect(alice.session.canRedo).toBe(false)
})

test("[U3] what someone else has changed since is left alone, and told", () => {
  alice.session.apply([box("a")])
  alice.session.apply([{ ...move("a", 10), label: 2 } as never])
  bob.session.apply([move("a", 60)])
  alice.session.undo()

  expect(left(alice, "a")).toBe(60)
  expect(alice.session.records.get("a")?.label).toBe(1)
  expect(alice.notices).toMatchObject([
    { code: "skipped", text: "Bob has changed the shape since, so that was left as it is." },
  ])
})

test("[U1] is shared by one's tabs", async () => {
  const otherTab = someone(server, 1)
  await pass()
  alice.session.apply([box("a")])
  expect(otherTab.session.canUndo).toBe(true)

  otherTab.session.undo()
  expect(alice.session.records.size).toBe(0)
  expect(alice.session.canRedo).toBe(true)
  closeTab(otherTab)
})

test("[U7] survives a reload", async () => {
  alice.session.apply([box("a")])
  alice.session.apply([box("b")])
  alice.session.undo()
  closeTab(alice)
  alice = someone(server, 1, alice.disk)
  await pass()

  expect(alice.session.canUndo).toBe(true)
  expect(alice.session.canRedo).toBe(true)
  alice.session.redo()
  expect(alice.session.records.has("b")).toBe(true)
})

test("[B5] what was not sent is taken back on the spot, and done again in the order it was done", async () => {
  alice.session.apply([box("sent")])
  alice.cable.goOffline()
  alice.session.apply([box("a")])
  alice.session.undo()
  expect(alice.session.records.has("a")).toBe(false)
  expect(alice.live.waiting).toBe(0)

  alice.session.undo()
  expect(alice.notices).toMatchObject([{ code: "offline" }])

  alice.cable.online = true
  await pass(20_000)
  alice.session.undo()
  alice.session.redo()
  expect([...alice.session.records.keys()]).toEqual(["sent"])
  alice.session.redo()
  expect([...bob.session.records.keys()]).toEqual(["sent", "a"])
  expect(alice.session.canRedo).toBe(false)
})

test("[U5] with nothing left to take back, the button goes out and that is told", () => {
  alice.session.apply([box("a")])
  bob.session.apply([move("a", 60)])
  alice.session.undo()

  expect(alice.notices).toMatchObject([{ code: "skipped", annotation: "a" }])
  expect(alice.session.canUndo).toBe(false)
})

test("[W2] what was done is counted and taken back all the same when its frame was overtaken", () => {
  server.overtaken = true
  alice.session.apply([box("a")])
  expect(alice.session.canUndo).toBe(true)

  alice.session.undo()
  expect(alice.session.records.size).toBe(0)
  expect(alice.session.canUndo).toBe(false)
  expect(alice.session.canRedo).toBe(true)
  expect(alice.notices).toEqual([])
})

test("what is under way is taken back by the server", () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.session.undo()
  settle(alice)

  expect(server.log.map(({ change }) => change.kind)).toEqual(["create", "delete"])
  expect(alice.session.records.size).toBe(0)
})

test("[B3] an undo whose answer was lost is not done twice", async () => {
  alice.session.apply([box("a")])
  alice.session.apply([box("b")])
  alice.cable.direct = false
  alice.session.undo()
  alice.cable.deliverUp()
  alice.cable.cut()
  alice.cable.direct = true
  await pass(1000)

  expect([...alice.session.records.keys()]).toEqual(["a"])
  expect(alice.session.canUndo).toBe(true)
  expect(alice.notices).toEqual([])
})

test("[B5] what was sent before the network went may be done already, so it is not taken back as if it had never been", async () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.cable.deliverUp()
  alice.cable.goOffline()
  alice.session.undo()

  expect(alice.session.records.has("a")).toBe(true)
  expect(alice.notices).toMatchObject([{ code: "offline" }])
  Object.assign(alice.cable, { online: true, direct: true })
  await pass(20_000)
  expect(bob.session.records.has("a")).toBe(true)
  alice.session.undo()
  expect(server.log.map(({ change }) => change.kind)).toEqual(["create", "delete"])
})

test("[B5] nor is what a page that is gone may have sent", async () => {
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.cable.deliverUp()
  closeTab(alice)
  alice = someone(server, 1, alice.disk)
  alice.cable.online = false
  await pass()
  alice.session.undo()

  expect(alice.session.records.has("a")).toBe(true)
  expect(alice.disk.rows.size).toBe(1)
})

test("[U1] undo right after a change that is then refused leaves older work alone, and says nothing more", async () => {
  alice.session.apply([box("older")])
  server.labels = 1
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.session.undo()
  settle(alice)

  expect([...bob.session.records.keys()]).toEqual(["older"])
  expect(alice.notices).toMatchObject([{ code: "invalid" }])
  expect(alice.session.canUndo).toBe(true)
  alice.session.undo()
  settle(alice)
  expect(bob.session.records.size).toBe(0)
})

test("[U1] several undos in a row before any answer take back one action each, the latest first", () => {
  alice.session.apply([box("older")])
  alice.cable.direct = false
  alice.session.apply([box("a")])
  alice.session.apply([box("b")])
  alice.session.undo()
  alice.session.redo()
  alice.session.undo()
  alice.session.undo()
  alice.session.undo()
  expect(alice.session.canUndo).toBe(false)
  settle(alice)

  expect(server.log.map(({ change, source }) => `${source} ${change.kind} ${change.record.id}`)).toEqual([
    "person create older",
    "person create a",
    "person create b",
    "undo delete b",
    "redo restore b",
    "undo delete b",
    "undo delete a",
    "undo delete older",
  ])
})

test("[U3] an undo of what someone else has changed before it came leaves older work alone too", () => {
  alice.session.apply([box("older")])
  alice.session.apply([box("a")])
  alice.cable.direct = false
  alice.session.apply([move("a", 10)])
  alice.cable.deliverUp()
  bob.session.apply([move("a", 60)])
  alice.session.undo()
  settle(alice)

  expect(left(bob, "a")).toBe(60)
  expect(bob.session.records.has("older")).toBe(true)
  expect(alice.notices).toMatchObject([{ code: "skipped", annotation: "a" }])
  expect(alice.session.canUndo).toBe(true)
})
