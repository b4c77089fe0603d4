/** The editor's own state: tool, label, selection. Tool and label always fit each other and the item. */

import type { Id } from "../live/contract"
import { remember, remembered } from "../ui/memory"
import type { EditorState, Label, OpenItem, Tool } from "./contract"

type Kind = OpenItem["kind"]

/** The drawing tools of an item. A tag is a shape without a place, so it has no tool. */
export const TOOLS: Record<Kind, readonly Exclude<Tool, "select">[]> = {
  image: ["rectangle", "polygon"],
  text: ["span"],
}

export function toolsOf(label: Label, kind: Kind): Exclude<Tool, "select">[] {
  return TOOLS[kind].filter((tool) => label.shapes.includes(tool))
}

export function isTag(label: Label): boolean {
  return label.shapes.includes("tag")
}

/** What is kept between visits, for one project. */
interface Memory {
  tool?: Tool
  label?: number
}

export class State implements EditorState {
  tool = $state<Tool>("select")
  #label = $state<number | null>(null)
  #selection = $state.raw<ReadonlySet<Id>>(new Set())
  #suggestion = $state<Id | null>(null)
  drawn = $state<Id | null>(null)
  hovered = $state<Id | null>(null)
  following = $state<string | null>(null)
  writable = $state(false)
  awaitsCorner = $state(false)

  constructor(
    readonly project: number,
    private readonly labels: () => ReadonlyMap<number, Label>,
  ) {}

  get selection(): ReadonlySet<Id> {
    return this.#selection
  }

  set selection(ids: ReadonlySet<Id>) {
    this.#selection = ids
    this.drawn = null
    this.#suggestion = null
  }

  get suggestion(): Id | null {
    return this.#suggestion
  }

  /** Either annotations are selected or one suggestion is. */
  set suggestion(id: Id | null) {
    this.selection = new Set()
    this.#suggestion = id
  }

  get label(): Label | null {
    const label = this.#label === null ? undefined : this.labels().get(this.#label)
    return label && !label.removed ? label : null
  }

  /** A new item: nothing is selected, and the tool and label used last are taken up as far as they fit. */
  start(kind: Kind): void {
    const memory = this.#remembered()
    this.selection = new Set()
    this.hovered = this.following = null
    this.#label = memory.label ?? this.#label
    const fits = (tool: Tool) => tool === "select" || this.#drawing(kind).includes(tool as Exclude<Tool, "select">)
    this.tool = memory.tool && fits(memory.tool) ? memory.tool : "select"
    if (this.tool === "select" && memory.tool !== "select") this.tool = this.#drawing(kind)[0] ?? "select"
    if (!this.label || !toolsOf(this.label, kind).length) this.#label = this.#firstFor(this.tool, kind)
  }

  chooseTool(tool: Tool, kind: Kind): void {
    this.tool = tool
    if (tool !== "select" && !this.label?.shapes.includes(tool)) this.#label = this.#firstFor(tool, kind)
    this.#remember()
  }

  /** The next shape gets this label; a tool it does not allow gives way to one it does. */
  chooseLabel(label: Label, kind: Kind): void {
    this.#label = label.id
    const tools = toolsOf(label, kind)
    if (this.tool !== "select" && !tools.some((tool) => tool === this.tool)) this.tool = tools[0] ?? "select"
    this.#remember()
  }

  /** Drawing tools that some label allows. */
  #drawing(kind: Kind): Exclude<Tool, "select">[] {
    return TOOLS[kind].filter((tool) => this.#firstFor(tool, kind) !== null)
  }

  #firstFor(tool: Tool, kind: Kind): number | null {
    for (const label of this.labels().values()) {
      const tools = toolsOf(label, kind)
      if (!label.removed && (tool === "select" ? tools.length : tools.some((own) => own === tool))) return label.id
    }
    return null
  }

  #remembered(): Memory {
    try {
      return JSON.parse(remembered(this.#key) ?? "{}") as Memory
    } catch {
      return {}
    }
  }

  #remember(): void {
    const memory: Memory = { tool: this.tool, label: this.#label ?? undefined }
    remember(this.#key, JSON.stringify(memory))
  }

  get #key(): string {
    return `editor:${this.project}`
  }
}
