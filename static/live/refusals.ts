/** What the server did not carry out: sent again, put before the person, kept for them as a file, or told. */

import { Clashes } from "./clashes"
import type { Conflict, Notice, Operation } from "./contract"
import type { Apply, OperationIn, Refused } from "./messages.gen"
import { isKept, operationsOf, type Outbox, type Request } from "./outbox"
import type { Page } from "./page"
import type { Store } from "./store"
import * as words from "./words"

const TOO_FAST_PAUSE = 1_000
/** Nothing is lost with these: it is as one wanted it, or someone else has decided. */
const HARMLESS = new Set(["deleted", "not_deleted", "already_tagged", "decided"])

/** What they need of the session. */
export interface Sheet {
  readonly outbox: Outbox
  readonly store: Store
  nameOf(user: number): string
  perform(operations: readonly Operation[]): void
  /** Show them no longer. */
  hide(operations: readonly OperationIn[]): void
  notify(notice: Notice): void
  changed(): void
}

export class Refusals {
  private readonly clashes = new Clashes((operations, forgotten) => this.chosen(operations, forgotten))

  constructor(
    private readonly sheet: Sheet,
    private readonly page: Page,
  ) {}

  get conflicts(): readonly Conflict[] {
    return this.clashes.beside((id) => this.sheet.store.known(id))
  }

  hear(refused: Refused): void {
    const { outbox } = this.sheet
    const { id, code, detail } = refused
    if (id === null) return // some of where one is was not told
    if (code === "too_fast") return outbox.slowDown(id, TOO_FAST_PAUSE)
    const entry = outbox.find(id)
    if (!entry || outbox.divide(id)) return
    const { message, late } = entry
    const contested = code === "conflict" && message.type === "apply"
    const kept = late && isKept(message) && !contested && !HARMLESS.has(code)
    if (contested) this.clashes.add(message)
    else if (kept) this.page.setAside([message], detail)
    else this.page.forget([id])
    outbox.drop(entry)
    this.sheet.hide(operationsOf(message))
    if (code === "decided") this.goOn(operationsOf(message))
    if (!contested) this.sheet.notify(kept ? words.refusedLate(code, detail) : this.toldOf(refused, message))
  }

  /** One has no access any more. */
  clear(): Apply[] {
    return this.clashes.clear()
  }

  /** Someone has accepted what one has accepted and reshaped: that becomes as one wanted it. */
  private goOn(operations: readonly OperationIn[]): void {
    const rest = operations.filter((operation) => operation.type === "update")
    if (rest.length) this.sheet.perform(rest)
  }

  private toldOf(refused: Refused, request: Request): Notice {
    const { store } = this.sheet
    const annotation = operationsOf(request)[0]?.annotation
    const record = annotation === undefined ? undefined : store.known(annotation)
    if (refused.code !== "deleted" || !record) return words.refusal(refused, annotation)
    return words.deleted(this.sheet.nameOf(record.updated_by), record.id)
  }

  private chosen(operations: Operation[], forgotten: string[]): void {
    if (operations.length) this.sheet.perform(operations)
    this.page.forget(forgotten)
    this.sheet.changed()
  }
}
