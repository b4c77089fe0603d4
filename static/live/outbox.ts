/** What one has asked of a sheet and the server has not answered, in order; sends it as fast as it may. */

import type { Id } from "./contract"
import { uuid } from "./ids"
import type { Apply, OperationIn, Redo, RestoreTo, SetStatus, SetUnsure, Undo } from "./messages.gen"
import { type Pace, weight } from "./pace"
import { touchedBy } from "./store"

/** What is said of the sheet as a whole. */
export type Saying = SetStatus | SetUnsure
export type Kept = Apply | Saying
export type Request = Kept | Undo | Redo | RestoreTo

export interface Entry {
  message: Request
  /** It is under way. */
  sent: boolean
  /** It was under way once, for all one knows: the server may have carried it out. */
  tried: boolean
  /** It has waited for a connection, or may have been sent before: what it is based on may have moved on [W7]. */
  late: boolean
}

/** What an outbox needs of the page. */
export interface Sender {
  readonly pace: Pace
  send(message: Request): void
  keep(messages: Kept[]): void
  forget(ids: Id[]): void
}

export class Outbox {
  readonly entries: Entry[] = []
  private open = false
  private pausedUntil = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly sender: Sender) {}

  get waiting(): number {
    return this.entries.reduce((sum, { message }) => sum + operationsIn(message), 0)
  }

  count(...types: Request["type"][]): number {
    return this.entries.filter(({ message }) => types.includes(message.type)).length
  }

  /** How many actions the unanswered batches belong to. */
  get actions(): number {
    return new Set(this.entries.flatMap(({ message }) => (message.type === "apply" ? message.batch.action : []))).size
  }

  add(...messages: Request[]): void {
    this.sender.keep(messages.filter(isKept))
    this.entries.push(...messages.map((message) => entryOf(message, { late: !this.open })))
    this.pump()
  }

  /** Take over what another page, now gone, had not sent: it comes before one's own. */
  adopt(messages: Kept[]): void {
    this.entries.unshift(...messages.map((message) => entryOf(message, { late: true, tried: true })))
    this.pump()
  }

  /** The room is joined: what is not under way goes out, again or for the first time. */
  opened(): void {
    this.open = true
    for (const entry of this.entries) entry.late = true // what the join told may hold its outcome
    this.pump()
  }

  closed(): void {
    this.open = false
    clearTimeout(this.timer)
    for (const entry of this.entries) {
      entry.sent = false
      entry.late = true
    }
  }

  /** The request was answered; undefined when it is not one of these. */
  settle(id: string): Entry | undefined {
    const entry = this.find(id)
    if (!entry) return undefined
    this.sender.forget([id])
    this.drop(entry)
    return entry
  }

  find(id: string): Entry | undefined {
    return this.entries.find(({ message }) => idOf(message) === id)
  }

  /** No longer to be sent, though it stays in the queue. */
  drop(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1)
    this.pump()
  }

  /** The same again after a pause: it was too fast. */
  slowDown(id: string, milliseconds: number): void {
    const entry = this.find(id)
    if (entry) entry.sent = false
    this.pausedUntil = Date.now() + milliseconds
    this.pump()
  }

  /**
   * Replace a refused batch by one for each annotation, so that one that cannot be changed does not hold up the others.
   * False when the batch cannot be divided: one annotation only, or kinds of operations that may need each other.
   */
  divide(id: string): boolean {
    const entry = this.find(id)
    if (entry?.message.type !== "apply") return false
    const { sheet, batch } = entry.message
    const ids = touchedBy(batch.operations)
    if (ids.size < 2 || new Set(batch.operations.map(kindOf)).size > 1) return false
    const messages = [...ids].map((annotation): Apply => {
      const operations = batch.operations.filter((operation) => operation.annotation === annotation)
      return { type: "apply", sheet, batch: { id: uuid(), action: batch.action, operations } }
    })
    this.sender.keep(messages)
    this.sender.forget([id])
    this.entries.splice(
      this.entries.indexOf(entry),
      1,
      ...messages.map((message) => entryOf(message, { late: entry.late, tried: true })),
    )
    this.pump()
    return true
  }

  /** Take back one's latest action as if it had never been, if none of it was ever sent; else undefined. */
  withdraw(): OperationIn[] | undefined {
    const last = this.entries.findLast(({ message }) => !isSaying(message))
    if (last?.message.type !== "apply") return undefined
    const { action } = last.message.batch
    const ofAction = this.entries.filter(({ message }) => message.type === "apply" && message.batch.action === action)
    if (ofAction.some((entry) => entry.tried)) return undefined
    for (const entry of ofAction) this.entries.splice(this.entries.indexOf(entry), 1)
    this.sender.forget(ofAction.map(({ message }) => idOf(message)))
    return ofAction.flatMap(({ message }) => operationsOf(message))
  }

  /** Give everything up. */
  clear(): Request[] {
    clearTimeout(this.timer)
    return this.entries.splice(0).map(({ message }) => message)
  }

  pump(): void {
    clearTimeout(this.timer)
    for (;;) {
      const entry = this.entries.find((one) => !one.sent)
      if (!this.open || !entry || this.mustWait(entry)) return
      const count = weight(entry.message)
      const pause = Math.max(this.pausedUntil - Date.now(), this.sender.pace.wait(count))
      if (pause > 0) {
        this.timer = setTimeout(() => this.pump(), pause)
        return
      }
      this.sender.pace.spend(count)
      entry.sent = entry.tried = true
      this.sender.send(entry.late ? markedLate(entry.message) : entry.message)
    }
  }

  /** A change of an annotation waits for the answer to the change before, whose refusal it may depend on. */
  private mustWait(entry: Entry): boolean {
    const touched = touchedBy(operationsOf(entry.message))
    return this.entries.some(
      (other) => other.sent && operationsOf(other.message).some(({ annotation }) => touched.has(annotation)),
    )
  }
}

function entryOf(message: Request, { late = false, tried = false }): Entry {
  return { message, sent: false, tried, late }
}

export function idOf(message: Request): string {
  return message.type === "apply" ? message.batch.id : message.id
}

export function operationsOf(message: Request): readonly OperationIn[] {
  return message.type === "apply" ? message.batch.operations : []
}

export function isKept(message: Request): message is Kept {
  return message.type === "apply" || isSaying(message)
}

export function isSaying(message: Request): message is Saying {
  return message.type === "set_status" || message.type === "set_unsure"
}

export function operationsIn(message: Request): number {
  return message.type === "apply" ? message.batch.operations.length : 1
}

function markedLate(message: Request): Request {
  return message.type === "apply" ? { ...message, batch: { ...message.batch, queued: true } } : message
}

/** To reject is to delete, as far as others of the batch are concerned. */
const kindOf = ({ type }: OperationIn): OperationIn["type"] => (type === "reject" ? "delete" : type)
