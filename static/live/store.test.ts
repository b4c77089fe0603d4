import { describe, expect, test } from "vitest"
import type { AnnotationRecord } from "./contract"
import type { Joined, OperationIn } from "./messages.gen"
import { Store } from "./store"

const ME = 1

function record(id: string, clock: number, extra: Partial<AnnotationRecord> = {}): AnnotationRecord {
  return {
    id,
    label: 1,
    shape: { type: "rectangle", x: clock, y: 0, width: 10, height: 10 },
    attributes: {},
    clock,
    clocks: { shape: clock, label: clock },
    deleted: false,
    created_by: ME,
    created_at: "2026-01-01T00:00:00Z",
    updated_by: ME,
    updated_at: "2026-01-01T00:00:00Z",
    ...extra,
  }
}

function joined(clock: number, records: AnnotationRecord[], snapshot = true): Joined {
  const rest = { status: "todo", reason: "", role: 20, people: [], undoable: 0, redoable: 0, unsure: false }
  return { type: "joined", sheet: 1, clock, snapshot, records, ...rest }
}

const describeA = (attributes: AnnotationRecord["attributes"], id = "1"): OperationIn => ({
  type: "update",
  id,
  annotation: "a",
  attributes,
})

describe("10,000 annotations", () => {
  const many = Array.from({ length: 10_000 }, (_, n) => record(`annotation-${n}`, n + 1))

  test("a change touches only its own annotation", () => {
    const store = new Store(ME)
    store.load(joined(10_000, many))
    const before = store.view.get("annotation-6")

    const touched = store.take([record("annotation-5", 10_001)])

    expect([...touched]).toEqual(["annotation-5"])
    expect(store.view.get("annotation-6")).toBe(before)
  })
})

test("[B1] a property one has changed shows one's own value, the others the server's", () => {
  const store = new Store(ME)
  store.load(joined(1, [record("a", 1)]))
  store.add([{ type: "update", id: "1", annotation: "a", label: 9 }])
  store.take([record("a", 2, { label: 5, attributes: { colour: "red" } })])

  expect(store.view.get("a")).toMatchObject({ label: 9, attributes: { colour: "red" }, shape: { x: 2 } })
})

test("an attribute that is cleared is gone, on the screen as on the server", () => {
  const store = new Store(ME)
  store.load(joined(1, [record("a", 1, { attributes: { colour: "red", size: 3 } })]))
  store.add([describeA({ colour: null })])

  expect(store.view.get("a")?.attributes).toEqual({ size: 3 })
})

test("records may come in any order: the newest stays", () => {
  const store = new Store(ME)
  store.take([record("a", 5)])
  store.take([record("a", 4)])

  expect(store.view.get("a")?.clock).toBe(5)
})

test("[C3] tombstones since the last visit take annotations away", () => {
  const store = new Store(ME)
  store.load(joined(2, [record("a", 1), record("b", 2)]))
  store.load(joined(3, [record("a", 3, { deleted: true })], false))

  expect([...store.view.keys()]).toEqual(["b"])
  expect(store.clock).toBe(3)
})

test("a snapshot does not take away what came ahead of it", () => {
  const store = new Store(ME)
  store.take([record("late", 8)])
  store.load(joined(7, [record("a", 7)]))

  expect([...store.view.keys()].sort()).toEqual(["a", "late"])
})
