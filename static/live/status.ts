/** How far the item is, and whether someone is unsure of it: what the server has said, or what one has said since. */

import type { SetStatus, StatusSet } from "./messages.gen"
import type { Outbox, Saying } from "./outbox"
import { isFinished } from "./statuses"

/** What the server tells, or one's own word that it has taken. */
type Said = { status?: string; reason?: string; unsure?: boolean }

export class Status {
  private told = { status: "todo", reason: "", unsure: false }

  constructor(private readonly outbox: Outbox) {}

  get status(): string {
    return this.asked?.status ?? this.told.status
  }

  get reason(): string {
    return (this.asked ?? this.told).reason ?? ""
  }

  get unsure(): boolean {
    const asked = this.last("set_unsure")
    return asked?.type === "set_unsure" ? asked.unsure : this.told.unsure
  }

  /** Someone else has finished what was not. */
  isNews({ actor, status }: StatusSet, self: number): boolean {
    return actor !== self && isFinished(status) && !isFinished(this.status)
  }

  hear({ status, reason, unsure }: Said): void {
    if (status !== undefined) this.told = { ...this.told, status, reason: reason ?? "" }
    if (unsure !== undefined) this.told = { ...this.told, unsure }
  }

  private get asked(): SetStatus | undefined {
    const asked = this.last("set_status")
    return asked?.type === "set_status" ? asked : undefined
  }

  private last(type: Saying["type"]) {
    return this.outbox.entries.findLast(({ message }) => message.type === type)?.message
  }
}
