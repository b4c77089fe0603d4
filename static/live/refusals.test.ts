import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import {
  box,
  closeTab,
  ITEM,
  left,
  move,
  pass,
  relabel,
  remove,
  settle,
  someone,
  type Someone,
} from "./testing/fixtures"
import type { Operation } from "./contract"
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

describe("refusals", () => {
  test("[W9] a label removed under a stale browser: the box goes and the reason is told", () => {
    server.labels = 1
    alice.session.apply([box("a")])

    expect(alice.session.records.size).toBe(0)
    expect(alice.notices).toMatchObject([{ code: "invalid", tone: "bad", annotation: "a" }])
    expect(alice.disk.rows.size).toBe(0)
  })

  test("[C5] one whose role falls is told before the next change", () => {
    server.setRole(2, 10)
    bob.session.apply([box("a")])

    expect(bob.session.role).toBe(10)
    expect(bob.session.records.size).toBe(0)
    expect(bob.notices).toMatchObject([{ code: "permission_denied" }])
  })
})

test("a suggestion that one reshapes while another accepts it gets the new shape", async () => {
  const accepted = { ...box("a"), prediction: "p" } as Operation
  bob.cable.goOffline()
  bob.session.apply([accepted, move("a", 40)])
  alice.session.apply([accepted])
  bob.cable.online = true
  await pass(20_000)

  expect([left(alice, "a"), left(bob, "a")]).toEqual([40, 40])
  expect(bob.session.records.size).toBe(1)
})

describe("what waited and is refused on return is kept as a file, and the reason is told once", () => {
  async function drawFiftyOffline(meanwhile: () => void): Promise<void> {
    bob.cable.goOffline()
    for (let n = 0; n < 50; n++) bob.session.apply([box(`box-${n}`)])
    meanwhile()
    bob.cable.online = true
    await pass(20_000)
  }

  test.each([
    ["invalid", "the label was removed", () => (server.labels = 1)],
    ["permission_denied", "one's role has fallen", () => server.roles.set(2, 10)],
    ["sheet_full", "the sheet is full", () => (server.room = 0)],
    ["not_found", "one's access has ended", () => server.roles.delete(2)],
  ])("%s: %s", async (code, _, meanwhile) => {
    await drawFiftyOffline(meanwhile)

    expect(server.log).toHaveLength(0)
    expect(bob.session.records.size).toBe(0)
    expect(bob.live.save).toEqual({ kind: "unsaved", waiting: 50 })
    expect(bob.live.signOutWarning).toMatch(/^50 changes are not saved/)
    expect(bob.live.aside).toBe(50)
    expect(bob.live.asideWhy).toHaveLength(1)
    expect(bob.live.asideFile()).toContain("box-49")
    expect(new Set(bob.notices.map((notice) => notice.code))).toEqual(new Set([code]))
    expect(new Set(bob.notices.map((notice) => notice.text)).size).toBe(1)
    expect(bob.notices[0]?.text).toContain("is kept")
  })

  test("it is still there after the tab was closed, until one says that it may go", async () => {
    await drawFiftyOffline(() => (server.labels = 1))
    closeTab(bob)
    server.labels = 100
    bob = someone(server, 2, bob.disk)
    await pass()
    expect(bob.live.aside).toBe(50)
    expect(server.log).toHaveLength(0)

    bob.live.discardAside()
    expect(bob.disk.rows.size).toBe(0)
    expect(bob.live.save).toEqual({ kind: "saved" })
  })

  test("what fits is saved all the same", async () => {
    server.room = 20
    bob.cable.goOffline()
    bob.session.apply(Array.from({ length: 50 }, (_, n) => box(`box-${n}`)))
    bob.cable.online = true
    await pass(20_000)

    expect(server.records.size).toBe(20)
    expect(bob.live.aside).toBe(30)
  })

  test("when the item is not open, it is named", async () => {
    alice.cable.goOffline()
    alice.session.apply([box("a")])
    closeTab(alice)
    server.labels = 1
    alice = someone(server, 1, alice.disk)
    alice.stopListening()
    alice.session.close()
    await pass()

    expect(alice.notices).toMatchObject([{ code: "invalid", item: ITEM }])
    expect(alice.notices[0]?.text).toMatch(/^On cups.jpg: /)
    expect(alice.live.aside).toBe(1)
  })

  test("what someone else has deleted meanwhile is told, and nothing is kept of it", async () => {
    alice.session.apply([box("a")])
    bob.cable.goOffline()
    bob.session.apply([move("a", 20)])
    alice.session.apply([remove("a")])
    bob.cable.online = true
    await pass(20_000)

    expect(bob.notices).toMatchObject([{ code: "deleted" }])
    expect(bob.disk.rows.size).toBe(0)
  })
})

describe("access", () => {
  test("[C5] one whose role ends while drawing is told, and keeps the unsent work as a file", () => {
    bob.cable.direct = false
    bob.session.apply([box("a")])
    server.expel(2)
    bob.cable.deliverDown()

    expect(bob.session.joined).toBe(false)
    expect(bob.session.ended).toBe("not_found")
    expect(bob.session.role).toBe(0)
    expect(bob.session.records.size).toBe(0)
    expect(bob.notices.map((notice) => notice.code)).toEqual(["not_found"])
    expect(bob.live.aside).toBe(1)
  })

  test("[C5] one who learns of it by a refusal is told once, however much was under way", () => {
    bob.cable.direct = false
    for (let n = 0; n < 5; n++) bob.session.apply([box(`box-${n}`)])
    server.roles.delete(2)
    settle(bob)

    expect(bob.session.ended).toBe("not_found")
    expect(bob.notices.map((notice) => notice.code)).toEqual(["not_found"])
    expect(bob.live.aside).toBe(5)
  })

  test("[C5] who is made a member again works again", async () => {
    server.expel(2)
    bob.session.apply([box("lost")])
    await pass(30_000)
    expect(bob.session.ended).toBe("not_found")

    server.roles.set(2, 20)
    await pass(10_000)
    bob.session.apply([box("a")])

    expect(bob.session.ended).toBe("")
    expect(bob.session.role).toBe(20)
    expect([...alice.session.records.keys()]).toEqual(["a"])
    expect(bob.notices.filter(({ code }) => code === "not_found")).toHaveLength(1)
  })

  test("[C5] an item that is not open any more is not asked for again", async () => {
    server.expel(2)
    bob.session.close()
    server.roles.set(2, 20)
    await pass(30_000)

    expect(alice.session.peers.size).toBe(0)
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

  test("until it is decided, not all is saved; on an item that is not open, that item is named once", async () => {
    await clash()
    expect(bob.live.save).toEqual({ kind: "unsaved", waiting: 1 })
    expect(bob.live.undecided).toEqual([ITEM])
    bob.session.close()
    bob.cable.cut()
    await pass(60_000)

    expect(bob.live.save).toEqual({ kind: "unsaved", waiting: 1 })
    expect(bob.notices).toMatchObject([{ code: "conflict", item: ITEM }])
    expect(bob.notices[0]?.text).toContain("cups.jpg")

    bob.live.open(ITEM).conflicts[0]?.keep("mine")
    await pass()
    expect(bob.live.save).toEqual({ kind: "saved" })
    expect(left(alice, "a")).toBe(21)
  })
})
