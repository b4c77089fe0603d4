/** What an operation makes of an annotation, and what takes it back: for `server.ts`. */

import type { AnnotationRecord } from "../contract"
import type { OperationIn } from "../messages.gen"

export function difference(now: AnnotationRecord, past: AnnotationRecord, names: string[]): OperationIn[] {
  const attributes: AnnotationRecord["attributes"] = {}
  for (const name of names.filter((one) => one.startsWith("attributes."))) {
    const key = name.slice("attributes.".length)
    if (now.attributes[key] !== past.attributes[key]) attributes[key] = past.attributes[key] ?? null
  }
  const update: Extract<OperationIn, { type: "update" }> = { type: "update", id: "", annotation: now.id }
  if (names.includes("label") && now.label !== past.label) update.label = past.label
  if (names.includes("shape") && JSON.stringify(now.shape) !== JSON.stringify(past.shape)) update.shape = past.shape
  if (Object.keys(attributes).length) update.attributes = attributes
  return propertiesOf(update).length ? [update] : []
}

export function written(
  before: AnnotationRecord | undefined,
  operation: OperationIn,
  properties: string[],
  actor: number,
  clock: number,
): AnnotationRecord {
  const at = new Date(clock * 1000).toISOString()
  const clocks = { ...before?.clocks, ...Object.fromEntries(properties.map((name) => [name, clock])) }
  const stamp = { clock, clocks, updated_by: actor, updated_at: at }
  if (operation.type === "create") {
    const { annotation: id, label, shape, attributes = {}, prediction } = operation
    return {
      id,
      label,
      shape,
      attributes: filled(attributes),
      deleted: false,
      created_by: actor,
      created_at: at,
      ...(prediction && { prediction }),
      ...stamp,
    }
  }
  if (!before) throw new Error("There is no such annotation.")
  if (operation.type !== "update")
    return { ...before, ...stamp, deleted: operation.type !== "restore", rejected: operation.type === "reject" }
  const { label = before.label, shape = before.shape, attributes } = operation
  return { ...before, ...stamp, label, shape, attributes: filled({ ...before.attributes, ...attributes }) }
}

export function propertiesOf(operation: OperationIn): string[] {
  if (operation.type !== "create" && operation.type !== "update") return ["deleted"]
  const names = Object.keys(operation.attributes ?? {}).map((name) => `attributes.${name}`)
  if (operation.label !== undefined) names.push("label")
  if (operation.shape !== undefined) names.push("shape")
  return names
}

function filled(attributes: AnnotationRecord["attributes"]): AnnotationRecord["attributes"] {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null))
}

/** What must be the same when an id is used again [W4]. */
export function bodyOf(operation: OperationIn | undefined): string {
  return JSON.stringify({ ...operation, base: undefined })
}
