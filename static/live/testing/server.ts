/** A small server that follows docs/protocol.md, for tests of the browser's half: one sheet, everything in memory. */

import type { AnnotationRecord, Reading } from "../contract"
import type {
  Applied,
  Apply,
  Change,
  Incoming,
  OperationIn,
  Outgoing,
  Redo,
  Refused,
  SetStatus,
  SetUnsure,
  Skipped,
  Undo,
} from "../messages.gen"
import { bodyOf, difference, propertiesOf, written } from "./written"

export const SHEET = 7
export const NAMES: { [user: number]: string } = { 1: "Alice", 2: "Bob" }

interface LogEntry {
  change: Change
  actor: number
  action: string
  source: Applied["source"]
  inverts: string | null
  properties: string[]
  before: AnnotationRecord | undefined
  body: string
}

export interface Connection {
  readonly name: string
  readonly user: number
  inRoom: boolean
  hear(message: Outgoing): void
}

type Stamps = { [property: string]: number }

export class ModelServer {
  clock = 0
  status = "todo"
  reason = ""
  unsure = false
  readonly records = new Map<string, AnnotationRecord>()
  readonly log: LogEntry[] = []
  readonly roles = new Map<number, number>([
    [1, 50],
    [2, 20],
  ])
  /** Labels below this one are the project's. */
  labels = 100
  /** Annotations that the sheet takes. */
  room = Infinity
  tooFast = 0
  /** The room learns of what is committed by looking, not by its frame [W2] [G2]. */
  overtaken = false
  /** What is at or below can no longer be told one by one [C3]. */
  floor = 0
  private readonly connections = new Set<Connection>()
  /** Who wrote each property last. */
  private readonly writers = new Map<string, Stamps>()

  attach(connection: Connection): void {
    this.connections.add(connection)
  }

  detach(connection: Connection): void {
    this.connections.delete(connection)
    if (connection.inRoom) this.tellRoom({ type: "left", sheet: SHEET, connection: connection.name })
  }

  receive(from: Connection, message: Incoming): void {
    switch (message.type) {
      case "hello":
        return from.hear({ type: "welcome", protocol: 1, connection: from.name, user: from.user })
      case "join":
        return this.join(from, message.since ?? null)
      case "leave":
        from.inRoom = false
        return this.tellRoom({ type: "left", sheet: SHEET, connection: from.name })
      case "presence": {
        const { cursor = null, caret = null, selection = [], draft = null, view = null } = message
        const moved = [{ connection: from.name, cursor, caret, selection, draft, view }]
        return this.tellRoom({ type: "presences", sheet: SHEET, clock: this.clock, moved }, from)
      }
      case "apply":
        return this.apply(from, message)
      case "undo":
      case "redo":
        return this.takeBack(from, message)
      case "set_status":
        return this.setStatus(from, message)
      case "set_unsure":
        return this.setUnsure(from, message)
      case "restore_to":
        throw new Error("The model does not restore.")
    }
  }

  alive(): Map<string, AnnotationRecord> {
    return new Map([...this.records].filter(([, record]) => !record.deleted))
  }

  /** Announce the clock, as presence frames do [P1]. */
  beat(): void {
    this.tellRoom({ type: "presences", sheet: SHEET, clock: this.clock, moved: [] })
  }

  /** A member's role ends: they are told and the room is left [C5]. */
  expel(user: number): void {
    this.roles.delete(user)
    for (const connection of this.connections) {
      if (connection.user !== user || !connection.inRoom) continue
      connection.inRoom = false
      connection.hear(refusal(null, "not_found", "You are no longer a member of this project."))
    }
  }

  setRole(user: number, role: number): void {
    this.roles.set(user, role)
    for (const connection of this.connections) {
      if (connection.user === user) connection.hear({ type: "role_set", sheet: SHEET, role })
    }
  }

  /** One's actions that can be undone, and one's undos that can be redone; the latest last. */
  stacks(user: number): { done: string[]; undone: string[] } {
    const done: string[] = []
    const undone: string[] = []
    const seen = new Set<string>()
    for (const { action, actor, source, inverts } of this.log) {
      if (actor !== user || seen.has(action)) continue
      seen.add(action)
      if (source === "undo") undone.push(...without(done, inverts, action))
      else if (source === "redo") done.push(...without(undone, inverts, action))
      else {
        done.push(action)
        undone.length = 0
      }
    }
    return { done, undone }
  }

  // Rooms -------------------------------------------------------------------------------------------------------------

  private join(from: Connection, since: number | null): void {
    const role = this.roles.get(from.user)
    if (role === undefined) return from.hear(refusal(null, "not_found", "There is nothing here."))
    if (!from.inRoom) this.tellRoom({ type: "arrived", sheet: SHEET, person: person(from) })
    from.inRoom = true
    const { done, undone } = this.stacks(from.user)
    from.hear({
      type: "joined",
      sheet: SHEET,
      ...this.reading(since),
      role,
      people: [...this.connections].filter((one) => one.inRoom).map(person),
      undoable: done.length,
      redoable: undone.length,
    })
  }

  /** What the sheet holds; with `since`, what has changed after it. */
  reading(since: number | null = null): Reading {
    const { clock, status, reason, unsure } = this
    const snapshot = since === null || since < this.floor || since > clock
    const records = [...this.records.values()].filter((record) => snapshot || record.clock > since)
    return { clock, snapshot, records, status, reason, unsure }
  }

  private tellRoom(message: Outgoing, except?: Connection): void {
    for (const connection of this.connections) if (connection.inRoom && connection !== except) connection.hear(message)
  }

  private setStatus(from: Connection, { id, status, reason = "" }: SetStatus): void {
    if (status !== this.status || reason !== this.reason) {
      this.status = status
      this.reason = reason
      this.tellSaid(from)
    }
    from.hear({ type: "ack", id, sheet: SHEET, clock: this.clock, records: [], skipped: [] })
  }

  private setUnsure(from: Connection, { id, unsure }: SetUnsure): void {
    if (unsure !== this.unsure) {
      this.unsure = unsure
      this.tellSaid(from)
    }
    from.hear({ type: "ack", id, sheet: SHEET, clock: this.clock, records: [], skipped: [] })
  }

  private tellSaid(from: Connection): void {
    const after = this.clock++
    const { clock, status, reason, unsure } = this
    this.tellRoom({ type: "status_set", sheet: SHEET, after, clock, status, reason, unsure, actor: from.user })
  }

  // Writing -----------------------------------------------------------------------------------------------------------

  private apply(from: Connection, { batch }: Apply): void {
    const refuse = (code: string, detail = code) =>
      from.hear(refusal(batch.id, code, detail, this.recordsOf(batch.operations)))
    if (this.tooFast > 0) {
      this.tooFast -= 1
      return refuse("too_fast")
    }
    const role = this.roles.get(from.user)
    if (role === undefined) return refuse("not_found", "There is nothing here.")
    if (role < 20) return refuse("permission_denied", "You can view this project but not change it.")
    const known = batch.operations.map((operation) => this.log.find(({ change }) => change.id === operation.id))
    if (known.some((entry) => entry)) {
      const same = known.every((entry, n) => entry?.body === bodyOf(batch.operations[n]) && entry.actor === from.user)
      if (!same) return refuse("key_reused")
      const records = this.recordsOf(batch.operations)
      return from.hear({ type: "ack", id: batch.id, sheet: SHEET, clock: this.clock, records, skipped: [] })
    }
    const wrong = this.wrong(from.user, batch.operations, batch.queued ?? false)
    if (wrong) return refuse(wrong)
    this.commit(from.user, batch.id, batch.action, "person", null, batch.operations)
  }

  /** Why the operations cannot be applied, looked at one after the other. */
  private wrong(actor: number, operations: readonly OperationIn[], queued: boolean): string | undefined {
    const made = new Set<string>()
    for (const operation of operations) {
      const record = this.records.get(operation.annotation)
      if (operation.type === "create") {
        const same = record && !record.deleted && record.prediction === operation.prediction
        if (record) return same && operation.prediction ? "decided" : "id_taken"
        if (this.alive().size + made.size >= this.room) return "sheet_full"
        made.add(operation.annotation)
      } else if (!record && !made.has(operation.annotation)) return "invalid"
      if ((operation.type === "create" || operation.type === "update") && (operation.label ?? 0) >= this.labels)
        return "invalid"
      if (!record) continue
      if (operation.type === "restore" && !record.deleted) return "not_deleted"
      if (operation.type !== "update" && operation.type !== "delete") continue
      if (record.deleted) return "deleted"
      if (queued && this.movedOn(actor, operation, record)) return "conflict"
    }
    return undefined
  }

  private movedOn(
    actor: number,
    operation: Extract<OperationIn, { base?: Stamps }>,
    record: AnnotationRecord,
  ): boolean {
    const names = operation.type === "delete" ? Object.keys(record.clocks) : propertiesOf(operation)
    const writers = this.writers.get(record.id) ?? {}
    return names.some((name) => writers[name] !== actor && (record.clocks[name] ?? 0) > (operation.base?.[name] ?? 0))
  }

  private commit(
    actor: number,
    id: string,
    action: string,
    source: Applied["source"],
    inverts: string | null,
    operations: readonly OperationIn[],
    skipped: Skipped[] = [],
  ): void {
    const after = this.clock
    const changes = operations.map((operation): Change => {
      const before = this.records.get(operation.annotation)
      this.clock += 1
      const properties = propertiesOf(operation)
      const record = written(before, operation, properties, actor, this.clock)
      this.records.set(record.id, record)
      const writers = { ...this.writers.get(record.id), ...Object.fromEntries(properties.map((name) => [name, actor])) }
      this.writers.set(record.id, writers)
      const change: Change = { id: operation.id, kind: operation.type, record }
      this.log.push({ change, actor, action, source, inverts, properties, before, body: bodyOf(operation) })
      return change
    })
    const batches = [{ id, actor, action, source, changes, skipped }]
    const { clock, status, reason, unsure } = this
    if (!this.overtaken) return this.tellRoom({ type: "changes", sheet: SHEET, after, clock, batches })
    const records = changes.map(({ record }) => record)
    this.tellRoom({ type: "caught_up", sheet: SHEET, after, clock, status, reason, unsure, records })
    for (const connection of this.connections)
      if (connection.user === actor) connection.hear({ type: "ack", id, sheet: SHEET, clock, records, skipped })
  }

  private recordsOf(operations: readonly OperationIn[]): AnnotationRecord[] {
    return operations.flatMap(({ annotation }) => this.records.get(annotation) ?? [])
  }

  // Undo --------------------------------------------------------------------------------------------------------------

  private takeBack(from: Connection, message: Undo | Redo): void {
    const { id, type } = message
    const named = "action" in message ? message.action : null
    const { done, undone } = this.stacks(from.user)
    const candidates = (type === "undo" ? done : undone).reverse().filter((action) => !named || action === named)
    const skipped: Skipped[] = []
    const repeated = this.log.some((entry) => entry.action === id)
    for (const action of repeated ? [] : candidates) {
      const operations = this.inverse(from.user, action, skipped).map((operation, n) => ({
        ...operation,
        id: `${id}-${n}`,
      }))
      if (operations.length) return this.commit(from.user, id, id, type, action, operations, skipped)
    }
    from.hear({ type: "ack", id, sheet: SHEET, clock: this.clock, records: [], skipped: repeated ? [] : skipped })
  }

  private inverse(actor: number, action: string, skipped: Skipped[]): OperationIn[] {
    const entries = this.log.filter((entry) => entry.actor === actor && entry.action === action).reverse()
    return entries.flatMap((entry): OperationIn[] => {
      const { record, kind } = entry.change
      const annotation = record.id
      const now = this.records.get(annotation)
      const since = this.log.slice(this.log.indexOf(entry) + 1)
      const others = since.filter((one) => one.actor !== actor && one.change.record.id === annotation)
      const kept = new Set(others.flatMap(({ properties }) => properties))
      const skip = (names: string[]) =>
        names.forEach((property) => skipped.push({ annotation, property, actor: others[0]?.actor ?? 0 }))
      if (!now) return []
      if (kind === "create" || kind === "restore") {
        if (kept.size) skip([...kept])
        return kept.size || now.deleted ? [] : [{ type: "delete", id: "", annotation }]
      }
      if (kind === "delete") return now.deleted && !kept.has("deleted") ? [{ type: "restore", id: "", annotation }] : []
      if (now.deleted || !entry.before) return []
      skip(entry.properties.filter((name) => kept.has(name)))
      return difference(
        now,
        entry.before,
        entry.properties.filter((name) => !kept.has(name)),
      )
    })
  }
}

function person({ name, user }: Connection) {
  return { connection: name, user, name: NAMES[user] ?? "", color: "#e0567a", picture: "" }
}

function refusal(id: string | null, code: string, detail: string, records: AnnotationRecord[] = []): Refused {
  return { type: "refused", id, sheet: SHEET, code, detail, fields: {}, records }
}

/** Moves what an undo or redo took back from one list to the other. */
function without(list: string[], inverts: string | null, action: string): string[] {
  list.splice(list.indexOf(inverts ?? ""), 1)
  return [action]
}
