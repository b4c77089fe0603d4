/** Changes that waited while someone else wrote the same property: the person chooses which to keep [W7]. */

import type { Id, Operation } from "./contract"
import type { Apply, OperationIn } from "./messages.gen"

export interface Clash {
  annotation: Id
  /** One's change as one thing, to be shown beside theirs. */
  mine: Operation
  /** What is sent again if one's own is to win. */
  operations: Operation[]
  /** The refused batches; they stay in the queue until the person has chosen. */
  messages: Apply[]
}

/** The clashes with a refused batch among them. Two changes of one annotation are one choice. */
export function withClash(clashes: readonly Clash[], message: Apply): Clash[] {
  const operations = message.batch.operations.map(asked)
  const contested = operations.find(({ type }) => type === "update" || type === "delete")
  if (!contested) return [...clashes]
  const { annotation } = contested
  const before = clashes.find((clash) => clash.annotation === annotation)
  if (!before) return [...clashes, { annotation, mine: contested, operations, messages: [message] }]
  const merged: Clash = {
    annotation,
    mine: combined(before.mine, contested),
    operations: [...before.operations, ...operations],
    messages: [...before.messages, message],
  }
  return clashes.map((clash) => (clash === before ? merged : clash))
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
