/** The graph on the desk: what is changed in it, what is wrong with it, and how it is saved. */

import { getContext, setContext } from "svelte"

import { get, isAnswer, post, Refused, send } from "../ui/api"
import { t } from "../ui/strings"
import { Toasts } from "../ui/toasts.svelte"
import type { Bootstrap, Config, Graph, GraphNode, Label, Mistake, Saved, Version } from "./contract"
import { Draft } from "./draft"
import { START } from "./examples"
import * as graphs from "./graph"
import { Latest } from "./latest"
import { Past } from "./past"
import { Preview } from "./preview.svelte"
import { Runs } from "./runs.svelte"

const WAIT = 200
const AGAIN = 3_000
const KEY = {}

export class Desk {
  graph = $state.raw<Graph>({ nodes: [], edges: [] })
  selected = $state<string | null>(null)
  mistakes = $state.raw<readonly Mistake[]>([])
  /** What stands is what `mistakes` are of. */
  checked = $state(false)
  /** Why it could not be checked. */
  unchecked = $state("")
  labels = $state.raw<readonly Label[]>([])
  name = $state("")
  /** The pipeline, once it is saved. */
  id = $state<number | null>(null)
  /** The version that one works on; 0 before the first. */
  number = $state(0)
  saving = $state(false)
  /** Somebody saved this version meanwhile. */
  overtaken = $state<{ number: number; why: string } | null>(null)
  canUndo = $state(false)
  canRedo = $state(false)
  /** Counted up when all of it should be seen. */
  fits = $state(0)

  readonly project: Bootstrap["project"]
  readonly kinds: graphs.Kinds
  readonly toasts = new Toasts()
  readonly preview: Preview
  readonly runs: Runs
  readonly bootstrap: Bootstrap
  #saved = $state.raw<Graph | null>(null)
  #past = new Past<Graph>()
  #checks: Latest<Graph, { mistakes: Mistake[] }>
  #again: ReturnType<typeof setTimeout> | undefined
  #draft: Draft

  readonly of = $derived(graphs.kindOf(this.graph))
  readonly node = $derived(this.selected ? graphs.nodeOf(this.graph, this.selected) : undefined)
  readonly unsaved = $derived(
    this.#saved ? !graphs.same(this.graph, this.#saved) : this.graph.nodes.length > 1 || this.graph.edges.length > 0,
  )
  readonly ends = $derived(graphs.ends(this.graph))

  constructor(bootstrap: Bootstrap) {
    this.bootstrap = bootstrap
    this.project = bootstrap.project
    this.labels = bootstrap.labels
    const named = <One extends { name: string }>(some: readonly One[]) => new Map(some.map((one) => [one.name, one]))
    this.kinds = { detectors: named(bootstrap.detectors), operators: named(bootstrap.operators) }
    const api = `/api/projects/${bootstrap.project.id}/pipelines`
    this.preview = new Preview(api)
    this.#checks = new Latest(
      (graph, signal) => post<{ mistakes: Mistake[] }>(`${api}/check/`, { graph }, signal),
      ({ mistakes }) => {
        this.mistakes = mistakes
        this.checked = true
        this.unchecked = ""
        if (mistakes.some(({ code }) => code !== "unknown_label")) this.preview.rest()
        else this.preview.run(this.graph)
      },
      (error) => this.#notChecked(error),
      WAIT,
    )
    this.#draft = new Draft(this.project.id, bootstrap.pipeline?.id ?? null)
    if (bootstrap.pipeline) this.#take({ ...bootstrap.pipeline, pipeline: bootstrap.pipeline.id })
    else this.graph = START(bootstrap.items.text > bootstrap.items.image ? "text" : "image")
    this.runs = new Runs(this)
    if (this.manages) this.#takeUp()
  }

  get manages(): boolean {
    return this.project.manages
  }

  /** Whether examples are offered to begin with. */
  get begins(): boolean {
    return this.manages && !this.number && this.graph.nodes.length < 2
  }

  /** Why it cannot be saved or run now; empty when it can. */
  readonly obstacle = $derived.by(() => {
    const first = this.mistakes[0]
    if (first) return first.detail
    return this.checked ? "" : this.unchecked || t("It is being checked.")
  })

  mistakesOf(id: string): readonly Mistake[] {
    return this.mistakes.filter(({ node }) => node === id)
  }

  /** Another graph takes the place of this one. `about` is what several changes may be one of. */
  change(graph: Graph, about = ""): void {
    if (!this.manages || graph === this.graph) return
    this.#past.push(this.graph, about)
    this.#show(graph)
  }

  undo(): void {
    this.#show(this.#past.undo(this.graph))
  }

  redo(): void {
    this.#show(this.#past.redo(this.graph))
  }

  #show(graph: Graph): void {
    this.graph = graph
    if (this.selected && !graphs.nodeOf(graph, this.selected)) this.selected = null
    this.canUndo = this.#past.canUndo
    this.canRedo = this.#past.canRedo
    this.#keep()
    this.check()
  }

  /** For the page that is loaded anew. */
  #keep(): void {
    if (this.unsaved) this.#draft.keep({ graph: this.graph, name: this.name, number: this.number })
    else this.#draft.drop()
  }

  /** What was changed here and not saved, when the page went. */
  #takeUp(): void {
    const kept = this.#draft.get()
    if (!kept || graphs.same(kept.graph, this.graph)) return
    this.change(kept.graph)
    if (this.id) this.number = kept.number
    else this.name = kept.name
    this.#keep()
    this.toasts.show("info", t("What you had changed and not saved is here again."))
  }

  check(): void {
    if (!this.manages) return
    this.checked = false
    clearTimeout(this.#again)
    this.#checks.ask(this.graph)
  }

  #notChecked(error: unknown): void {
    const why = whyOf(error)
    if (why !== this.unchecked) this.toasts.show("bad", why)
    this.unchecked = why
    if (!(error instanceof Refused) || !isAnswer(error)) this.#again = setTimeout(() => this.check(), AGAIN)
  }

  /** A node from the palette: right of the selected one and fed by it where that fits, else by the items. */
  add(kind: string, place?: { x: number; y: number }): void {
    const after = this.selected
    const at = place ?? graphs.placeAfter(this.graph, after)
    const config: Config =
      kind === graphs.ITEMS ? { of: this.of } : kind === "map_labels" ? { labels: {} } : this.#begun(kind)
    const [alone, id] = graphs.added(this.graph, { kind, config, ...at })
    let graph = alone
    const items = graph.nodes.find((node) => node.kind === graphs.ITEMS)?.id
    for (const source of place ? [] : [after, items]) {
      const found = source ? graphs.fitting(graph, source, id, this.kinds) : ""
      if (typeof found === "string") continue
      graph = graphs.connect(graph, found)
      break
    }
    this.change(graph)
    this.selected = id
    if (!place) this.fits += 1
  }

  /** What must be said and has a first choice. */
  #begun(kind: string): Config {
    const schema = this.kinds.operators.get(kind)?.schema
    const required = (schema?.required ?? []).flatMap((name) => {
      const choices = schema?.properties?.[name]?.enum
      return choices ? [[name, choices[0]]] : []
    })
    return Object.fromEntries(required)
  }

  connect(connection: graphs.Connection): void {
    const refused = graphs.refusal(this.graph, connection, this.kinds)
    if (refused) this.toasts.show("warn", refused)
    else this.change(graphs.connect(this.graph, connection))
  }

  /** To whatever input of the node takes it. */
  join(source: string, target: string): void {
    const found = graphs.fitting(this.graph, source, target, this.kinds)
    if (typeof found === "string") this.toasts.show("warn", found)
    else this.change(graphs.connect(this.graph, found))
  }

  configure(id: string, name: string, value: unknown): void {
    const config = graphs.put(graphs.nodeOf(this.graph, id)?.config, name, value)
    this.change(graphs.configured(this.graph, id, config, this.kinds), `${id}.${name}`)
  }

  set(id: string, values: Partial<GraphNode>, about = ""): void {
    this.change(graphs.changed(this.graph, id, values), about && `${id}.${about}`)
  }

  remove(ids: readonly string[]): void {
    this.change(graphs.without(this.graph, new Set(ids)))
  }

  begin(graph: Graph, name: string): void {
    this.name ||= name
    this.change(graph)
    this.fits += 1
    void this.look(this.of)
  }

  async look(of = this.of, id?: number | null): Promise<void> {
    await this.preview.open(of, id)
    if (!this.manages && this.id) this.preview.runSaved(this.id, this.number)
    else if (this.checked && !this.mistakes.length) this.preview.run(this.graph)
  }

  async makeLabel(name: string): Promise<void> {
    const shapes = this.of === "image" ? ["rectangle", "polygon", "tag"] : ["span", "tag"]
    try {
      const made = await post<Label>(`/api/projects/${this.project.id}/labels/`, { name, shapes })
      this.labels = [...this.labels, made]
      this.check()
    } catch (error) {
      this.#tell(error)
    }
  }

  /** As the next version; `after` is the version it is to come after. */
  async save(after = this.number): Promise<boolean> {
    this.saving = true
    const graph = this.graph
    try {
      const saved = this.id
        ? await post<Saved>(`/api/pipelines/${this.id}/versions/`, { graph, after })
        : await post<Saved>(`/api/projects/${this.project.id}/pipelines/`, { name: this.name, graph, fresh: true })
      if (!this.id) history.replaceState(null, "", `/projects/${this.project.id}/pipelines/${saved.pipeline}/`)
      this.#draft.drop()
      this.#take({ ...saved, graph: this.graph }, graph)
      this.#draft = new Draft(this.project.id, saved.pipeline)
      this.#keep()
      this.overtaken = null
      return true
    } catch (error) {
      if (error instanceof Refused && error.code === "overtaken")
        this.overtaken = { number: Number(error.fields["number"]), why: error.message }
      else this.#tell(error)
      return false
    } finally {
      this.saving = false
    }
  }

  async rename(name: string): Promise<boolean> {
    if (!this.id) this.name = name
    if (!this.id || name.trim() === this.name) return true
    try {
      this.name = (await send<{ name: string }>("PATCH", `/api/pipelines/${this.id}/`, { name })).name
      return true
    } catch (error) {
      this.#tell(error)
      return false
    }
  }

  versions(): Promise<Version[]> {
    return get<Version[]>(`/api/pipelines/${this.id}/versions/`)
  }

  /** A version as it was saved takes the place of what stands; what stood can be had back by undo. */
  async restore(number: number, latest = this.number): Promise<void> {
    try {
      const saved = await get<Saved>(`/api/pipelines/${this.id}/versions/${number}/`)
      const graph = graphs.placed(saved.graph)
      if (number === latest || !this.manages) {
        this.#saved = graph
        this.number = number
        this.overtaken = null
      }
      if (this.manages) this.change(graph)
      else {
        this.#show(graph)
        void this.look()
      }
      this.fits += 1
    } catch (error) {
      this.#tell(error)
    }
  }

  #take(saved: Saved, told = saved.graph): void {
    this.id = saved.pipeline
    this.name = saved.name
    this.number = saved.number
    this.graph = graphs.placed(saved.graph)
    this.#saved = graphs.placed(told)
  }

  #tell(error: unknown): void {
    this.toasts.show("bad", whyOf(error))
  }
}

function whyOf(error: unknown): string {
  return error instanceof Refused ? error.message : String(error)
}

export function provideDesk(desk: Desk): Desk {
  return setContext(KEY, desk)
}

export function useDesk(): Desk {
  return getContext<Desk>(KEY)
}
