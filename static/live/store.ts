/** One sheet's annotations: what the server said, and on top of it what one has done since. Knows no socket. */

import type { AnnotationRecord, Id, Reading } from "./contract"
import type { OperationIn } from "./messages.gen"

export type Decision = "open" | "accepted" | "rejected"
export type Touched = ReadonlySet<Id> | "all"

export class Store {
  /** Everything up to this clock is here; a single record may be ahead of it. */
  clock = 0
  /** What is on the screen. */
  readonly view = new Map<Id, AnnotationRecord>()

  /** As the server last told, tombstones among them. */
  private readonly server = new Map<Id, AnnotationRecord>()
  private readonly pending = new Map<Id, OperationIn[]>()
  /** Annotations that are being dragged, as they were when the drag began, with one's own acknowledged changes since. */
  private readonly held = new Map<Id, AnnotationRecord | undefined>()

  constructor(private readonly user: number) {}

  /** The annotation as the server knows it, even when it is deleted. */
  known(id: Id): AnnotationRecord | undefined {
    return this.server.get(id)
  }

  /** The clocks of what one sees of an annotation: what a change of it is based on. */
  seen(id: Id): Record<string, number> {
    return (this.held.get(id) ?? this.server.get(id))?.clocks ?? {}
  }

  /** What became of a prediction, by the id of what stands for it: as far as the sheet has told, or one has said. */
  decision(id: Id): Decision | undefined {
    const type = this.pending.get(id)?.findLast(({ type }) => type !== "update")?.type
    if (type) return type === "reject" ? "rejected" : type === "delete" ? "open" : "accepted"
    const record = this.server.get(id)
    if (!record) return undefined
    return !record.deleted ? "accepted" : record.rejected ? "rejected" : "open"
  }

  load({ snapshot, clock, records }: Omit<Reading, "status" | "reason">): Touched {
    if (!snapshot) {
      this.clock = Math.max(this.clock, clock)
      return this.take(records)
    }
    const ahead = clock < this.clock ? [] : [...this.server.values()].filter((one) => one.clock > clock)
    this.server.clear()
    for (const record of records) this.server.set(record.id, record)
    for (const record of ahead) this.server.set(record.id, record)
    this.clock = clock
    this.view.clear()
    for (const record of this.server.values()) if (!record.deleted) this.view.set(record.id, record)
    this.refresh(new Set([...this.pending.keys(), ...this.held.keys()]))
    return "all"
  }

  /** Records as the server has them, in any order and however often: the one with the highest clock stays. */
  take(records: Iterable<AnnotationRecord>): ReadonlySet<Id> {
    const touched = new Set<Id>()
    for (const record of records) {
      const known = this.server.get(record.id)
      if (known && known.clock >= record.clock) continue
      this.server.set(record.id, record)
      touched.add(record.id)
    }
    return this.refresh(touched)
  }

  /** Show operations that the server has not acknowledged. */
  add(operations: readonly OperationIn[]): ReadonlySet<Id> {
    for (const operation of operations) {
      const others = this.pending.get(operation.annotation)
      if (others) others.push(operation)
      else this.pending.set(operation.annotation, [operation])
    }
    return this.refresh(touchedBy(operations))
  }

  /** Show them no longer: they are acknowledged (their records have been taken), refused or taken back. */
  remove(operations: readonly OperationIn[], acknowledged = false): ReadonlySet<Id> {
    for (const operation of operations) {
      const id = operation.annotation
      const rest = (this.pending.get(id) ?? []).filter((other) => other.id !== operation.id)
      if (rest.length) this.pending.set(id, rest)
      else this.pending.delete(id)
      if (acknowledged && this.held.has(id)) this.held.set(id, applied(this.held.get(id), operation, this.user))
    }
    return this.refresh(touchedBy(operations))
  }

  hold(id: Id): void {
    if (!this.held.has(id)) this.held.set(id, this.server.get(id))
  }

  get heldIds(): readonly Id[] {
    return [...this.held.keys()]
  }

  release(id: Id): ReadonlySet<Id> {
    return this.held.delete(id) ? this.refresh(new Set([id])) : new Set()
  }

  private refresh(ids: ReadonlySet<Id>): ReadonlySet<Id> {
    for (const id of ids) {
      const record = this.shown(id)
      if (record && !record.deleted) this.view.set(id, record)
      else this.view.delete(id)
    }
    return ids
  }

  private shown(id: Id): AnnotationRecord | undefined {
    let record = this.held.has(id) ? this.held.get(id) : this.server.get(id)
    for (const operation of this.pending.get(id) ?? []) record = applied(record, operation, this.user)
    return record
  }
}

export function touchedBy(operations: readonly OperationIn[]): ReadonlySet<Id> {
  return new Set(operations.map((operation) => operation.annotation))
}

/** The annotation after an operation, as the server will have it, but for the clocks that only the server sets. */
function applied(
  record: AnnotationRecord | undefined,
  operation: OperationIn,
  user: number,
): AnnotationRecord | undefined {
  if (operation.type === "create") {
    const again = record?.deleted && operation.prediction // what was rejected, or taken back
    return record && !again ? record : { ...created(operation, user), clocks: record?.clocks ?? {} }
  }
  if (!record) return undefined
  if (operation.type !== "update")
    return { ...record, deleted: operation.type !== "restore", rejected: operation.type === "reject" }
  return {
    ...record,
    label: operation.label ?? record.label,
    shape: operation.shape ?? record.shape,
    attributes: operation.attributes ? filled({ ...record.attributes, ...operation.attributes }) : record.attributes,
    updated_by: user,
  }
}

function created(operation: Extract<OperationIn, { type: "create" }>, user: number): AnnotationRecord {
  const now = new Date().toISOString()
  return {
    id: operation.annotation,
    label: operation.label,
    shape: operation.shape,
    attributes: filled(operation.attributes ?? {}),
    clock: 0,
    clocks: {},
    deleted: false,
    created_by: user,
    created_at: now,
    updated_by: user,
    updated_at: now,
    prediction: operation.prediction ?? null,
  }
}

/** An attribute that is set to null is no longer there. */
function filled(attributes: AnnotationRecord["attributes"]): AnnotationRecord["attributes"] {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null))
}
