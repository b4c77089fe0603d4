/** Keeps what a page sends below the server's limits [W11]. */

import { type Apply, MAX_BATCH, MAX_FRAME, type OperationIn } from "./messages.gen"
import type { Operation } from "./contract"
import type { Request } from "./outbox"
import { uuid } from "./ids"

/** Operations a second, a second's worth at once; the server takes 200. */
const A_SECOND = 180
/** The server forgives what a large batch owes beyond so many seconds. */
const LONGEST_DEBT = 5.5
/** Bytes of a batch's operations, with room for what a message has around them. */
const MOST_BYTES = MAX_FRAME - 1_000

export class Pace {
  private left = A_SECOND
  private at = Date.now()

  /** How many milliseconds to wait before so many operations may be sent. A large batch is paid for afterwards. */
  wait(count: number): number {
    this.refill()
    return Math.max(0, ((Math.min(count, A_SECOND) - this.left) / A_SECOND) * 1_000)
  }

  spend(count: number): void {
    this.refill()
    this.left = Math.max(this.left - count, -LONGEST_DEBT * A_SECOND)
  }

  private refill(): void {
    const now = Date.now()
    this.left = Math.min(A_SECOND, this.left + ((now - this.at) / 1_000) * A_SECOND)
    this.at = now
  }
}

/** As the server weighs them: they may come to many operations. */
const WEIGHTS: Partial<Record<Request["type"], number>> = { undo: 5, redo: 5, restore_to: 5 }
/** Decisions about suggestions, in a batch of nothing else, that weigh as much as one operation. */
const DECISIONS = 20

/** Of what may be sent in a second. */
export function weight(message: Request): number {
  if (message.type !== "apply") return WEIGHTS[message.type] ?? 1
  const { operations } = message.batch
  return operations.every(decides) ? Math.ceil(operations.length / DECISIONS) : operations.length
}

function decides(operation: OperationIn): boolean {
  return operation.type === "reject" || (operation.type === "create" && !!operation.prediction)
}

const encoder = new TextEncoder()

function bytesOf(operation: Operation): number {
  return encoder.encode(JSON.stringify(operation)).length
}

/** Whether the server would close the socket over it: a span that quotes a whole book. */
export function isTooLarge(operation: Operation): boolean {
  return bytesOf(operation) > MOST_BYTES / 2
}

/** The operations of one action in batches that the server takes: one, unless it would be too large. */
export function inBatches(sheet: number, action: string, operations: readonly OperationIn[]): Apply[] {
  const parts: OperationIn[][] = []
  let part: OperationIn[] = []
  let bytes = 0
  for (const operation of operations) {
    const size = bytesOf(operation)
    if (!parts.length || bytes + size > MOST_BYTES || part.length === MAX_BATCH) {
      parts.push((part = []))
      bytes = 0
    }
    part.push(operation)
    bytes += size
  }
  return parts.map((some) => ({ type: "apply", sheet, batch: { id: uuid(), action, operations: some } }))
}
