/** The form of a configuration, drawn from its JSON Schema as detectors/forms.py draws it, and what only graphs have:
 * pairs of numbers, new names for labels, examples that are cut out, and a detector inside. */

import { t } from "../ui/strings"
import type { Config, GraphNode, Schema } from "./contract"
import type { Kinds } from "./graph"

export type FieldKind =
  | "select"
  | "color"
  | "checkbox"
  | "number"
  | "lines"
  | "text"
  | "numbers"
  | "names"
  | "examples"
  | "weights"
  | "backend"
  | "detector"

export interface Field {
  name: string
  title: string
  description: string
  kind: FieldKind
  schema: Schema
  value: unknown
  /** It may be left empty. */
  empty: boolean
  wrong: string
}

const BY_TYPE: Readonly<Record<string, FieldKind>> = {
  boolean: "checkbox",
  integer: "number",
  number: "number",
  array: "lines",
}

/** Of what may be left empty, what it is if not. */
export function inner(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== "null") ?? schema
}

export function kindOfField(schema: Schema): FieldKind {
  if (schema.$ref) return "detector"
  if (schema.enum) return "select"
  if (schema.format === "color") return "color"
  if (schema.format === "weights" || schema.format === "backend") return schema.format
  if (schema.prefixItems) return "numbers"
  if (schema.items && schema.items.contentMediaType) return "examples"
  if (typeof schema.additionalProperties === "object") return "names"
  return BY_TYPE[schema.type ?? ""] ?? "text"
}

export function fieldsOf(schema: Schema, config: Config, wrong: Readonly<Record<string, string>>): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, one]) => ({
    name,
    title: one.title ?? name,
    description: one.$ref ? "" : (one.description ?? ""),
    kind: kindOfField(inner(one)),
    schema: inner(one),
    value: name in config ? config[name] : one.default,
    empty: one.anyOf !== undefined,
    wrong: wrong[name] ?? "",
  }))
}

/** Of what is wrong in a detector inside, what is wrong in its own fields. */
export function within(wrong: Readonly<Record<string, string>>, before: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wrong).flatMap(([name, detail]) =>
      name.startsWith(before) ? [[name.slice(before.length), detail]] : [],
    ),
  )
}

/** What is no number stays as it was written: the server says what is wrong. An empty field is as if nothing were said. */
export function numberIn(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (!trimmed) return undefined
  const number = Number(trimmed)
  return Number.isFinite(number) ? number : trimmed
}

export function linesIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
}

/** What a configuration says in a line: what differs from what it is by itself. */
export function summary(node: GraphNode, kinds: Kinds): string {
  const kind = kinds.operators.get(node.kind) ?? kinds.detectors.get(node.kind)
  if (!kind) return ""
  const config = node.config ?? {}
  const first = node.title ? [kind.title] : []
  if (node.kind === "relate") return [...first, relation(config)].join(": ")
  const inside = config["detector"] as { kind?: string; config?: Config } | undefined
  const detector = inside?.kind ? kinds.detectors.get(inside.kind) : undefined
  const named = detector ? [detector.title, ...differing(detector.schema, inside?.config ?? {})] : first
  return [...named, ...differing(kind.schema, config)].slice(0, 3).join(", ")
}

function differing(schema: Schema, config: Config): string[] {
  return fieldsOf(schema, config, {})
    .filter(({ name, value }) => name in config && !sameValue(value, ownDefault(schema, name)))
    .map(told)
    .filter(Boolean)
}

function relation(config: Config): string {
  const many = { relation: String(config["relation"] ?? ""), n: Number(config["at_least"] ?? 1) }
  return config["without"] ? t("{relation} fewer than {n}", many) : t("{relation} at least {n}", many)
}

function ownDefault(schema: Schema, name: string): unknown {
  return schema.properties?.[name]?.default
}

function sameValue(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function told({ kind, name, title, value }: Field): string {
  const short = title.split(/[,:]/)[0]!
  switch (kind) {
    case "detector":
    case "weights":
    case "backend":
      return ""
    case "checkbox":
      return value ? short : `${short}: no`
    case "names":
      return Object.entries(value as Record<string, string>)
        .map(([from, to]) => `${from} → ${to}`)
        .join(", ")
    case "examples":
    case "lines":
      return Array.isArray(value)
        ? value.length > 2 || kind === "examples"
          ? `${short}: ${value.length}`
          : value.join(", ")
        : ""
    case "numbers":
      return Array.isArray(value) ? `${short} ${value.map((one) => one ?? "∞").join("–")}` : ""
    case "select":
    case "text":
      return name === "label" ? `“${String(value)}”` : String(value)
    default:
      return `${short} ${String(value)}`.toLowerCase()
  }
}
