/** Changes that waited while someone else wrote the same property: the person chooses which to keep [W7]. */

import type { AnnotationRecord, Conflict, Id, Operation } from "./contract"
import type { Apply, OperationIn } from "./messages.gen"

interface Clash {
  annotation: Id
  /** One's change as one thing, to be shown beside theirs. */
  mine: Operation
  /** What is sent again if one's own is to win. */
  operations: Operation[]
  /** The refused batches; they stay in the queue until the person has chosen. */
  messages: Apply[]
}

export class Clashes {
  private list: Clash[] = []

  /** `chosen` is told what to send again, if anything, and which batches to forget. */
  constructor(private readonly chosen: (operations: Operation[], forgotten: Id[]) => void) {}

  /** Two refused changes of one annotation are one choice. */
  add(message: Apply): void {
    const operations = message.batch.operations.map(asked)
    const contested = operations.find(({ type }) => type !== "create" && type !== "restore")
    if (!contested) return
    const { annotation } = contested
    const before = this.list.find((clash) => clash.annotation === annotation)
    this.list = this.list.filter((clash) => clash !== before)
    this.list.push({
      annotation,
      mine: before ? combined(before.mine, contested) : contested,
      operations: [...(before?.operations ?? []), ...operations],
      messages: [...(before?.messages ?? []), message],
    })
  }

  /** As the person is shown them, beside what the server has. */
  beside(theirs: (id: Id) => AnnotationRecord | undefined): Conflict[] {
    return this.list.flatMap((clash) => {
      const { annotation, mine } = clash
      const record = theirs(annotation)
      const keep = (which: "mine" | "theirs") => this.choose(clash, which)
      return record ? [{ id: annotation, annotation, mine, theirs: record, keep }] : []
    })
  }

  /** Give all up. */
  clear(): Apply[] {
    return this.list.splice(0).flatMap((clash) => clash.messages)
  }

  private choose(clash: Clash, which: "mine" | "theirs"): void {
    if (!this.list.includes(clash)) return
    this.list = this.list.filter((other) => other !== clash)
    const forgotten = clash.messages.map((message) => message.batch.id)
    this.chosen(which === "mine" ? clash.operations : [], forgotten)
  }
}

function asked(operation: OperationIn): Operation {
  const copy: Partial<OperationIn> & Operation = { ...operation }
  delete copy.id
  if ("base" in copy) delete copy.base
  return copy
}

function combined(first: Operation, second: Operation): Operation {
  if (first.type !== "update" || second.type !== "update") return second
  const both = { ...first, ...second }
  return first.attributes ? { ...both, attributes: { ...first.attributes, ...second.attributes } } : both
}
