/** What one can take back and do again on a sheet, as far as this page knows. The server's log decides [U1]. */

import type { Applied, OperationIn } from "./messages.gen"
import { isSaying, type Outbox, type Request, type Saying } from "./outbox"

/** What was not done on the sheet is not taken back there [U8, U9]. */
const ELSEWHERE: ReadonlySet<Applied["source"]> = new Set(["move", "label", "import"])

/** What says of a batch which action it belongs to, and what kind of action that is. */
export type ActionOf = Pick<Applied, "action" | "source">

/** The action that a request becomes once it is carried out. */
export function actionOf(request: Exclude<Request, Saying>): ActionOf {
  if (request.type === "apply") return { action: request.batch.action, source: "person" }
  return { action: request.id, source: request.type === "restore_to" ? "restore" : request.type }
}

export class Past {
  /** One's actions in the log that are not undone, and one's undos that can be redone. */
  private done = 0
  private undone = 0
  /** Actions that were taken back before they were sent; the latest last. */
  private withdrawn: (readonly OperationIn[])[] = []
  private readonly counted = new Set<string>()

  constructor(private readonly outbox: Outbox) {}

  get canUndo(): boolean {
    const { outbox } = this
    return this.done + outbox.actions + outbox.count("redo", "restore_to") > outbox.count("undo")
  }

  get canRedo(): boolean {
    return this.withdrawn.length > 0 || this.isUndoneThere
  }

  /** The action an undo is about, as long as it is unanswered: were it refused, the server would take an older one. */
  get meant(): string | undefined {
    const actions = new Set<string>()
    for (const { message } of this.outbox.entries) {
      if (message.type === "undo") actions.delete(message.action ?? "")
      else if (!isSaying(message)) actions.add(actionOf(message).action)
    }
    return [...actions].at(-1)
  }

  /** What to take off the screen; undefined when the server must take something back. */
  undo(): readonly OperationIn[] | undefined {
    const operations = this.outbox.withdraw()
    if (operations) this.withdrawn.push(operations)
    return operations
  }

  /** What to do again; undefined when the server must. What it undid, it undid after all that was never sent. */
  redo(): readonly OperationIn[] | undefined {
    return this.isUndoneThere ? undefined : this.withdrawn.pop()
  }

  /** One has done something new: what could be redone is gone. */
  acted(): void {
    this.undone = 0
    this.withdrawn = []
  }

  reset(done: number, undone: number): void {
    this.done = done
    this.undone = undone
  }

  /** The server found nothing to take back, or nothing to do again. */
  nothingTo(type: "undo" | "redo"): void {
    if (type === "undo") this.done = 0
    else this.undone = 0
  }

  /** One's own batch is in the log; `here` says that this page had sent it. */
  applied({ action, source }: ActionOf, here: boolean): void {
    if (ELSEWHERE.has(source) || this.counted.has(action)) return
    this.counted.add(action)
    if (source === "undo") {
      this.done = Math.max(0, this.done - 1)
      this.undone += 1
    } else if (source === "redo") {
      this.undone = Math.max(0, this.undone - 1)
      this.done += 1
    } else {
      this.done += 1
      this.undone = 0
      if (!here) this.withdrawn = []
    }
  }

  private get isUndoneThere(): boolean {
    return this.undone + this.outbox.count("undo") > this.outbox.count("redo")
  }
}
