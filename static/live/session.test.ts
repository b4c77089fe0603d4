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
import { Disk } from "./testing/disk"
import { Cable } from "./testing/network"
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
    expect(alice.live.save).toEqual({ kind: "saved" })
  })

  test("what was fetched ahead shows before the room answers, which tells what has changed since", async () => {
    alice.session.apply([box("a"), box("b")])
    const ahead = server.reading()
    bob.session.apply([move("a", 40), remove("b")])

    const cable = new Cable(server, 2)
    cable.direct = false
    const elsewhere = someone(server, 2, new Disk(), cable, ahead)

    expect([left(elsewhere, "a"), left(elsewhere, "b"), elsewhere.session.known]).toEqual([0, 0, true])
    await pass()
    settle(elsewhere)
    expect([left(elsewhere, "a"), left(elsewhere, "b")]).toEqual([40, undefined])
    closeTab(elsewhere)
  })

  test("what was fetched ahead before one's own last change is not shown again", async () => {
    alice.session.apply([box("a")])
    const ahead = server.reading()
    alice.session.apply([move("a", 40)])
    alice.session.close()
    alice.cable.direct = false

    const again = alice.live.open(ITEM, ahead)

    expect(again.records.has("a")).toBe(false)
    settle(alice)
    await pass()
    expect(left({ ...alice, session: again }, "a")).toBe(40)
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

  test("[B1] while one drags a box, what another does to it waits, and shows when the drag is given up", () => {
    alice.session.apply([box("a")])
    alice.session.hold("a")
    bob.session.apply([move("a", 40)])

    expect(left(alice, "a")).toBe(0)
    alice.session.release("a")
    expect(left(alice, "a")).toBe(40)
  })

  test("[B1] on release one's own drag wins", () => {
    alice.session.apply([box("a")])
    alice.session.hold("a")
    bob.session.apply([move("a", 40)])
    alice.session.apply([move("a", 70)])
    alice.session.release("a")

    expect(left(alice, "a")).toBe(70)
    expect(left(bob, "a")).toBe(70)
  })

  test("[B1] a box that is dragged again does not jump back when the first drag is acknowledged", () => {
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
    expect(alice.live.save).toEqual({ kind: "saved" })
  })

  test("[B4] a move of five boxes is kept for four when someone deletes the fifth meanwhile", () => {
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

  test("who selects everything tells the others of fifty, not of all, as it is told again with every move", async () => {
    bob.session.present({ selection: Array.from({ length: 5_000 }, (_, n) => `box-${n}`) })
    await pass(50)

    expect([...alice.session.peers.values()][0]?.selection).toHaveLength(50)
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
