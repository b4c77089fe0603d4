/** How far the item is: what the server has said, or what one has asked for since. */

import type { SetStatus } from "./messages.gen"
import type { Outbox } from "./outbox"

type Said = Pick<SetStatus, "reason"> & { status: string }

export class Status {
  private told: Said = { status: "todo" }

  constructor(private readonly outbox: Outbox) {}

  get status(): string {
    return this.shown.status
  }

  get reason(): string {
    return this.shown.reason ?? ""
  }

  hear({ status, reason }: Said): void {
    this.told = { status, reason }
  }

  private get shown(): Said {
    const asked = this.outbox.entries.findLast(({ message }) => message.type === "set_status")?.message
    return asked?.type === "set_status" ? asked : this.told
  }
}
