import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { box, closeTab, left, move, pass, relabel, someone, type Someone } from "./testing/fixtures"
import { ModelServer, SHEET } from "./testing/server"

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

describe("refusals", () => {
  test("[W9] a label removed under a stale browser: the box goes and the reason is told", () => {
    server.labels = 1
    alice.session.apply([box("a")])

    expect(alice.session.records.size).toBe(0)
    expect(alice.notices).toMatchObject([{ code: "invalid", tone: "bad", annotation: "a" }])
    expect(alice.disk.rows.size).toBe(0)
  })

  test("a refusal of what waited for a sheet that is not open is told all the same", async () => {
    alice.cable.goOffline()
    alice.session.apply([box("a")])
    closeTab(alice)
    server.labels = 1
    alice = someone(server, 1, alice.disk)
    alice.stopListening()
    alice.session.close()
    await pass()

    expect(alice.notices).toMatchObject([{ code: "elsewhere", text: "On another item: invalid", sheet: SHEET }])
    expect(alice.disk.rows.size).toBe(0)
  })

  test("[C5] one whose role falls is told before the next change", () => {
    server.setRole(2, 10)
    bob.session.apply([box("a")])

    expect(bob.session.role).toBe(10)
    expect(bob.session.records.size).toBe(0)
    expect(bob.notices).toMatchObject([{ code: "permission_denied" }])
  })

  test("[C5] one whose role ends while drawing is told, and keeps the unsent work as a file", () => {
    bob.cable.direct = false
    bob.session.apply([box("a")])
    server.expel(2)
    bob.cable.deliverDown()

    expect(bob.session.joined).toBe(false)
    expect(bob.session.role).toBe(0)
    expect(bob.session.records.size).toBe(0)
    expect(bob.notices.map((notice) => notice.code)).toEqual(["aside", "not_found"])
    expect(bob.live.aside).toBe(1)
  })
})

describe("conflicts", () => {
  async function clash(): Promise<void> {
    alice.session.apply([box("a")])
    bob.cable.goOffline()
    bob.session.apply([move("a", 20)])
    bob.session.apply([relabel("a", 3)])
    bob.session.apply([move("a", 21)])
    alice.session.apply([move("a", 50)])
    bob.cable.online = true
    await pass(20_000)
  }

  test("[W7] both values are shown; other properties are kept", async () => {
    await clash()

    expect(bob.session.conflicts).toMatchObject([
      { annotation: "a", mine: move("a", 21), theirs: { shape: { x: 50 } } },
    ])
    expect(left(bob, "a")).toBe(50)
    expect(left(alice, "a")).toBe(50)
    expect(alice.session.records.get("a")?.label).toBe(3)
  })

  test("[W7] to insist sends one's own again", async () => {
    await clash()
    bob.session.conflicts[0]?.keep("mine")

    expect(left(alice, "a")).toBe(21)
    expect(bob.session.conflicts).toEqual([])
    expect(bob.disk.rows.size).toBe(0)
  })

  test("[W7] to give way drops it", async () => {
    await clash()
    bob.session.conflicts[0]?.keep("theirs")

    expect(left(bob, "a")).toBe(50)
    expect(bob.disk.rows.size).toBe(0)
  })

  test("a choice that was not made is asked again after a reload", async () => {
    await clash()
    closeTab(bob)
    bob = someone(server, 2, bob.disk)
    await pass()

    expect(bob.session.conflicts).toMatchObject([{ annotation: "a", mine: move("a", 21) }])
    expect(left(bob, "a")).toBe(50)
  })

  test("[B4] several boxes changed offline: only the one that someone else changed too is asked for", async () => {
    alice.session.apply([box("a"), box("b"), box("c")])
    bob.cable.goOffline()
    bob.session.apply([move("a", 20), move("b", 20), move("c", 20)])
    bob.session.apply([move("a", 25)])
    alice.session.apply([move("b", 50)])
    bob.cable.online = true
    await pass(20_000)

    expect(bob.session.conflicts.map((conflict) => conflict.annotation)).toEqual(["b"])
    expect(["a", "b", "c"].map((id) => left(alice, id))).toEqual([25, 50, 20])
  })
})
