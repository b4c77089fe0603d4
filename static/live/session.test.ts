import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { box, closeTab, left, move, pass, relabel, remove, someone, type Someone } from "./testing/fixtures"
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

describe("together", () => {
  test("what one draws, the other sees", () => {
    alice.session.apply([box("a", 5)])

    expect(left(bob, "a")).toBe(5)
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("[W5] two people change different properties of one box and both keep their work", () => {
    alice.session.apply([box("a")])
    alice.session.apply([move("a", 40)])
    bob.session.apply([relabel("a", 2)])

    for (const person of [alice, bob]) {
      expect(left(person, "a")).toBe(40)
      expect(person.session.records.get("a")?.label).toBe(2)
    }
  })

  test("while one drags a box, what another does to it waits, and shows when the drag is given up", () => {
    alice.session.apply([box("a")])
    alice.session.hold("a")
    bob.session.apply([move("a", 40)])

    expect(left(alice, "a")).toBe(0)
    alice.session.release("a")
    expect(left(alice, "a")).toBe(40)
  })

  test("on release one's own drag wins", () => {
    alice.session.apply([box("a")])
    alice.session.hold("a")
    bob.session.apply([move("a", 40)])
    alice.session.apply([move("a", 70)])
    alice.session.release("a")

    expect(left(alice, "a")).toBe(70)
    expect(left(bob, "a")).toBe(70)
  })

  test("a box that is dragged again does not jump back when the first drag is acknowledged", () => {
    alice.session.apply([box("a")])
    alice.session.hold("a")
    alice.cable.direct = false
    alice.session.apply([move("a", 70)])
    bob.session.apply([relabel("a", 2)])
    settle(alice)

    expect(left(alice, "a")).toBe(70)
    expect(alice.session.records.get("a")?.label).toBe(1)
    alice.session.release("a")
    expect(alice.session.records.get("a")?.label).toBe(2)
  })

  test("[W6] one who drags what another deletes is told, by name, and the box goes", () => {
    bob.session.apply([box("a")])
    alice.session.hold("a")
    bob.session.apply([remove("a")])

    expect(alice.notices).toMatchObject([{ code: "deleted", annotation: "a" }])
    expect(alice.notices[0]?.text).toMatch(/^Bob has deleted/)

    alice.session.apply([move("a", 9)])
    alice.session.release("a")
    expect(alice.session.records.has("a")).toBe(false)
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("a move of five boxes is kept for four when someone deletes the fifth meanwhile", () => {
    const ids = ["a", "b", "c", "d", "e"]
    alice.session.apply(ids.map((id) => box(id)))
    alice.cable.direct = false
    alice.session.apply(ids.map((id) => move(id, 30)))
    bob.session.apply([remove("c")])
    alice.cable.direct = true
    settle(alice)

    expect([...alice.session.records.keys()]).toEqual(["a", "b", "d", "e"])
    expect(["a", "b", "d", "e"].map((id) => left(bob, id))).toEqual([30, 30, 30, 30])
    expect(alice.notices).toMatchObject([{ code: "deleted", annotation: "c" }])
  })

  test("[C6] who comes and goes is seen, with where they are", async () => {
    bob.session.present({ cursor: [3, 4] })
    bob.session.present({ selection: ["a"] })
    await pass(50)

    expect([...alice.session.peers.values()]).toMatchObject([{ name: "Bob", cursor: [3, 4], selection: ["a"] }])
    closeTab(bob)
    expect(alice.session.peers.size).toBe(0)
  })

  test("[W11] presence goes out at most 25 times a second, the latest last", async () => {
    let frames = 0
    alice.session.onPeers(() => (frames += 1))
    for (let n = 0; n < 100; n++) {
      bob.session.present({ cursor: [n, n] })
      await pass(10)
    }
    await pass(50)

    expect(frames).toBeLessThanOrEqual(27)
    expect([...alice.session.peers.values()][0]?.cursor).toEqual([99, 99])
  })

  test("[P3] presence is dropped while the socket is backed up", async () => {
    if (bob.cable.wire) bob.cable.wire.bufferedAmount = 1_000_000
    bob.session.present({ cursor: [1, 1] })
    await pass(200)
    expect([...alice.session.peers.values()][0]?.cursor).toBeUndefined()

    if (bob.cable.wire) bob.cable.wire.bufferedAmount = 0
    await pass(50)
    expect([...alice.session.peers.values()][0]?.cursor).toEqual([1, 1])
  })
})

describe("saving", () => {
  test("[W2] nothing is called saved before the server has said so", () => {
    alice.cable.direct = false
    alice.session.apply([box("a")])
    expect(alice.session.save).toEqual({ kind: "saving" })
    alice.cable.deliverUp()
    expect(alice.session.save).toEqual({ kind: "saving" })
    alice.cable.deliverDown()
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("one works offline, closes the tab, returns, and all is there", async () => {
    alice.cable.goOffline()
    alice.session.apply([box("a")])
    alice.session.apply([move("a", 25)])
    alice.session.setStatus("done")
    expect(alice.session.save).toEqual({ kind: "offline", waiting: 3 })
    expect(alice.session.status).toBe("done")
    closeTab(alice)

    alice = someone(server, 1, alice.disk)
    await pass()

    expect(left(bob, "a")).toBe(25)
    expect(bob.session.status).toBe("done")
    expect(alice.session.save).toEqual({ kind: "saved" })
    expect(alice.disk.rows.size).toBe(0)
  })

  test("what waits for a sheet that is not opened is sent too, and its room is left", async () => {
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

  test("[W4] what was applied but not acknowledged is sent again and applied once", async () => {
    alice.cable.direct = false
    alice.session.apply([box("a")])
    alice.cable.deliverUp()
    alice.cable.cut()
    alice.cable.direct = true
    await pass(1000)

    expect(server.log).toHaveLength(1)
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("[C4] a session that ends in mid-drag keeps the work until one has signed in again", async () => {
    alice.session.apply([box("a")])
    alice.cable.cut(4401)
    alice.session.apply([move("a", 33)])
    expect(alice.session.save).toEqual({ kind: "signed_out", waiting: 1 })
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

  test("[W11] a change waits for the answer to the one before it, which may have come too fast", async () => {
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

  test("a network that is dead without a word is noticed, and shown as offline", async () => {
    alice.cable.direct = false
    alice.session.apply([box("a")])
    await pass(10_001)
    expect(alice.session.save.kind).toBe("offline")
    alice.cable.direct = true
    await pass(1_000)
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("[W11] what is too large for a message is refused on the spot", () => {
    const quote = "本".repeat(200_000)
    alice.session.apply([
      { type: "create", annotation: "a", label: 1, shape: { type: "span", start: 0, end: 200_000, quote } },
    ])

    expect(alice.notices).toMatchObject([{ code: "too_large" }])
    expect(alice.session.save).toEqual({ kind: "saved" })
  })

  test("a queue of an older protocol is offered as a file, never dropped", async () => {
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

  test("several boxes changed offline: only the one that someone else changed too is asked for", async () => {
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

describe("undo", () => {
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

  test("what was not sent is taken back on the spot, and done again in the order it was done", async () => {
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

  test("what is under way is taken back by the server", () => {
    alice.cable.direct = false
    alice.session.apply([box("a")])
    alice.session.undo()
    settle(alice)

    expect(server.log.map(({ change }) => change.kind)).toEqual(["create", "delete"])
    expect(alice.session.records.size).toBe(0)
  })

  test("an undo whose answer was lost is not done twice", async () => {
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
})

describe("gaps", () => {
  test("[G1] a frame that was lost is asked for when the next one comes", () => {
    bob.cable.direct = false
    alice.session.apply([box("a")])
    bob.cable.down.length = 0
    bob.cable.direct = true
    alice.session.apply([box("b")])

    expect([...bob.session.records.keys()].sort()).toEqual(["a", "b"])
  })

  test("[G1] a lost frame with none after it shows by the clock of the presences", async () => {
    bob.cable.direct = false
    alice.session.apply([box("a")])
    bob.cable.down.length = 0
    bob.cable.direct = true
    server.beat()
    await pass(1_001)

    expect(bob.session.records.has("a")).toBe(true)
  })

  test("a view is told which annotations changed, and by whom", () => {
    const seen: [string[] | "all", string][] = []
    alice.session.onView(({ ids, origin }) => seen.push([ids === "all" ? "all" : [...ids], origin]))
    bob.session.apply([box("b")])
    alice.session.apply([box("a")])

    expect(seen[0]).toEqual([["b"], "remote"])
    expect(seen.slice(1).every(([ids, origin]) => String(ids) === "a" && origin === "local")).toBe(true)
  })

  test("[C3] a database that was set back answers with a snapshot, which replaces all", async () => {
    alice.session.apply([box("a"), box("b")])
    server.records.delete("b")
    server.clock = 1
    alice.cable.cut()
    await pass(1_000)

    expect([...alice.session.records.keys()]).toEqual(["a"])
    expect(alice.session.clock).toBe(1)
  })
})

function settle({ cable }: Someone): void {
  for (let n = 0; n < 10; n++) {
    cable.deliverUp()
    cable.deliverDown()
  }
}
