/** An evaluation as it stands: its points, what is selected of them, and what is done to these. */

import { getContext, setContext, untrack } from "svelte"

import type { Deed } from "../grid/contract"
import { Deeds } from "../grid/deeds.svelte"
import { watchProject } from "../live/watch"
import { ANNOTATOR, MANAGER, REVIEWER } from "../live/roles"
import { get, post, refusal, Refused, send } from "../ui/api"
import { t } from "../ui/strings"
import { Toasts } from "../ui/toasts.svelte"
import {
  MOST,
  type Bootstrap,
  type Evaluation,
  type Label,
  type Now,
  type Order,
  type SliceName,
  type ThingCard,
} from "./contract"
import { Kind, Points } from "./points"

const KEY = Symbol("desk")
const OFTEN = 50 // milliseconds between two looks at how it stands

export const provideDesk = (desk: Desk): Desk => setContext(KEY, desk)
export const useDesk = (): Desk => getContext(KEY)

export type Show = "all" | "differ" | "missing" | "spurious" | "agree"
export type Colour = "label" | "confidence" | "author" | "kind"

export class Desk {
  readonly toasts = new Toasts()
  readonly project: Bootstrap["project"]
  readonly deeds: Deeds
  readonly writes: boolean
  readonly reviews: boolean
  readonly manages: boolean

  evaluations = $state.raw<readonly Evaluation[]>([])
  chosen = $state<number | null>(null)
  points = $state.raw<Points>(Points.none(0))
  /** Counts how often the points have changed. */
  turn = $state(0)
  now = $state.raw<Now | null>(null)
  order = $state<Order>("confident")
  /** Rows. */
  selected = $state.raw<readonly number[]>([])
  hovered = $state(-1)
  show = $state<Show>("all")
  author = $state<number | null>(null)
  colour = $state<Colour>("label")
  axes = $state.raw<readonly [number, number]>([0, 1])
  slices = $state.raw<readonly SliceName[]>([])
  /** Why there is nothing to see. */
  trouble = $state("")
  loading = $state(false)
  live = $state(true)
  /** What was there before another evaluation took its place, for the way from one to the other. */
  before: Points | null = null

  readonly evaluation = $derived(this.evaluations.find(({ id }) => id === this.chosen) ?? null)
  /** In the order of rows and columns. */
  readonly labels: readonly Label[] = $derived.by(() => {
    const known = new Map(this.bootstrap.labels.map((label) => [label.id, label]))
    const gone = { name: "?", color: "#888888", hotkey: "", removed: true }
    return (this.evaluation?.facts.labels ?? []).map((id) => known.get(id) ?? { id, ...gone })
  })
  readonly k = $derived(this.labels.length)
  readonly matrix = $derived.by(() => {
    void this.turn
    const { points, show, author } = this
    return points.matrix((row) => this.#fits(row, points, show, author))
  })

  #loaded = 0
  #asked = 0
  #again = false

  constructor(readonly bootstrap: Bootstrap) {
    const { project } = bootstrap
    this.project = project
    this.deeds = new Deeds(`/api/projects/${project.id}/bulk/`, this.toasts, () => this.stand())
    ;[this.writes, this.reviews, this.manages] = [ANNOTATOR, REVIEWER, MANAGER].map((role) => project.role >= role) as [
      boolean,
      boolean,
      boolean,
    ]
    this.evaluations = bootstrap.evaluations
    this.slices = bootstrap.slices
    const wanted = this.evaluations.find(({ id }) => id === bootstrap.chosen)
    this.chosen = (wanted ?? this.evaluations.find(({ state }) => state === "done") ?? this.evaluations[0])?.id ?? null
  }

  name(row: number): string {
    return this.labels[row]?.name ?? t("nothing")
  }

  /** Whether a row is among those that are looked at just now. */
  shows = (row: number): boolean => this.#fits(row, this.points, this.show, this.author)

  #fits(row: number, points: Points, show: Show, author: number | null): boolean {
    if (author !== null && points.authors[row] !== author) return false
    if (show === "all") return true
    const kind = points.kind(row)
    if (show === "agree") return kind === Kind.Agree
    if (show === "missing") return kind === Kind.Missing
    if (show === "spurious") return kind === Kind.Spurious
    return kind !== Kind.Agree
  }

  // What there is ---------------------------------------------------------------------------------------------------

  /** Follows the project as long as the page is there. */
  watch(): () => void {
    return watchProject(
      this.project.id,
      (what) => {
        if (what.has("evaluations_changed")) void this.look()
        else void this.stand()
      },
      { every: OFTEN, tells: ["sheets_changed", "items_changed", "labels_changed", "evaluations_changed"] },
    )
  }

  choose(id: number): void {
    this.chosen = id
    this.selected = []
    history.replaceState(null, "", `?evaluation=${id}`)
  }

  /** The evaluations anew. One that follows what a model learns goes on to its next. */
  async look(): Promise<void> {
    const [before, latest] = [this.evaluation, this.#latestLike(this.evaluation)]
    this.evaluations = await get<Evaluation[]>(`/api/projects/${this.project.id}/evaluations/`).catch(
      () => this.evaluations,
    )
    const next = this.#latestLike(before)
    if (next && next !== before && (!before || before.id === latest?.id)) this.chosen = next.id
    else if (before?.id === this.chosen) void this.load()
    this.chosen ??= this.evaluations[0]?.id ?? null
  }

  #latestLike(one: Evaluation | null): Evaluation | undefined {
    const done = this.evaluations.filter(({ state }) => state === "done")
    return one?.weights ? done.find(({ model }) => model === one.model) : (one ?? done[0])
  }

  async load(): Promise<void> {
    const { evaluation, axes } = this
    const turn = ++this.#loaded
    if (!evaluation || evaluation.state === "waiting") return
    this.loading = true
    this.trouble = ""
    try {
      const asked = get<Now>(`/api/evaluations/${evaluation.id}/now/?by=${this.order}`)
      asked.catch(() => undefined) // it is told below, unless the points cannot be had either
      const response = await fetch(`/api/evaluations/${evaluation.id}/points/?x=${axes[0]}&y=${axes[1]}`)
      if (!response.ok) throw await refusal(response)
      const points = Points.read(new Uint8Array(await response.arrayBuffer()), evaluation.facts.labels?.length ?? 0)
      const now = await asked
      if (turn !== this.#loaded) return
      const kept = this.selected.map((row) => points.row(this.points.id(row), this.points.items[row]!))
      this.before = this.points.length ? this.points : null
      points.stand(now.changed, now.fresh)
      this.points = points
      this.now = now
      this.selected = kept.filter((row) => row >= 0)
      this.turn += 1
    } catch (error) {
      if (turn === this.#loaded) this.trouble = told(error)
    } finally {
      if (turn === this.#loaded) this.loading = false
    }
  }

  /** How it stands now; while one answer is awaited the next is not asked for. */
  async stand(): Promise<void> {
    if (this.#asked) {
      this.#again = true
      return
    }
    const { evaluation, points } = this
    if (!evaluation || evaluation.state === "waiting") return
    this.#asked = 1
    try {
      const now = await get<Now>(`/api/evaluations/${evaluation.id}/now/?by=${this.order}`)
      if (points === this.points) {
        points.stand(now.changed, now.fresh)
        this.now = now
        this.turn += 1
        this.live = true
      }
    } catch (error) {
      if (error instanceof Refused && error.status === 0) this.live = false
      else this.trouble = told(error)
    } finally {
      this.#asked = 0
      if (this.#again) {
        this.#again = false
        void this.stand()
      }
    }
  }

  // What is done ----------------------------------------------------------------------------------------------------

  select(rows: readonly number[], more = false): void {
    this.selected = more ? [...new Set([...this.selected, ...rows])] : rows
  }

  /** All that people call this and the model that. */
  selectCell(truth: number, predicted: number): void {
    const { points } = this
    const rows = []
    for (let row = 0; row < points.length; row++) {
      if (points.truth[row] === truth && points.predicted[row] === predicted && !points.gone[row] && this.shows(row))
        rows.push(row)
    }
    this.selected = rows
  }

  isCellSelected(truth: number, predicted: number): boolean {
    const { points, selected } = this
    return (
      selected.length > 0 && selected.every((row) => points.truth[row] === truth && points.predicted[row] === predicted)
    )
  }

  /** Of what people have labelled; what only the model sees has no label to change. */
  async relabel(rows: readonly number[], label: number): Promise<void> {
    const { points, k } = this
    const own = rows.filter((row) => !points.gone[row] && points.truth[row]! < k).slice(0, MOST)
    if (!own.length) {
      this.toasts.show("warn", t("Nothing of it is labelled yet: open it to label it."))
      return
    }
    const annotations = own.map((row) => uuidOf(points.id(row)))
    await this.act({ type: "relabel", label, annotations }, itemsOf(points, own))
  }

  async relabelCard(card: ThingCard, label: number): Promise<void> {
    await this.act({ type: "relabel", label, annotations: [uuidOf(card.id)] }, [card.item])
  }

  async act(deed: Deed, items: readonly number[]): Promise<void> {
    await this.deeds.act(deed, items.slice(0, MOST))
  }

  /** What is said of a likely mistake where it is not changed. */
  async judge(card: ThingCard, verdict: "kept" | "dismissed"): Promise<void> {
    const label = this.labels[card.truth]?.id ?? null
    const address = `/api/projects/${this.project.id}/verdicts/`
    const about = { thing: uuidOf(card.id), label }
    try {
      await post(address, { ...about, verdict })
      const back = () => void post(address, { ...about, verdict: "taken_back" }).then(() => this.stand())
      const words = verdict === "kept" ? t("It is right as it is.") : t("You will not see it here again.")
      this.toasts.show("info", words, { title: t("Undo"), run: back })
      void this.stand()
    } catch (error) {
      this.toasts.show("bad", told(error))
    }
  }

  /** What is selected, under a name. */
  async keepSlice(name: string): Promise<boolean> {
    const things = this.selected.map((row) => uuidOf(this.points.id(row)))
    try {
      const made = await post<SliceName>(`/api/projects/${this.project.id}/slices/`, { name, things })
      this.slices = [...this.slices, made].sort((one, other) => one.name.localeCompare(other.name))
      this.toasts.show("info", t("“{name}” is kept: choose it beside what is shown.", { name: made.name }))
      return true
    } catch (error) {
      this.toasts.show("bad", told(error))
      return false
    }
  }

  async selectSlice(id: number): Promise<void> {
    try {
      const { things } = await get<{ things: readonly string[] }>(`/api/slices/${id}/`)
      const wanted = new Set(things)
      const rows = []
      for (let row = 0; row < this.points.length; row++) {
        if (!this.points.gone[row] && wanted.has(this.points.id(row))) rows.push(row)
      }
      this.select(rows)
      if (!rows.length) this.toasts.show("warn", t("Nothing of it is in this evaluation."))
    } catch (error) {
      this.toasts.show("bad", told(error))
    }
  }

  /** Whether it was begun. */
  async ask(how: { run: number; name?: string; least?: number; classes?: string }): Promise<boolean> {
    try {
      const made = await post<Evaluation>(`/api/projects/${this.project.id}/evaluations/`, how)
      await this.look()
      this.choose(made.id)
      return true
    } catch (error) {
      this.toasts.show("bad", told(error))
      return false
    }
  }

  async again(): Promise<void> {
    if (!this.evaluation) return
    await post(`/api/evaluations/${this.evaluation.id}/`, null).catch((error: unknown) =>
      this.toasts.show("bad", told(error)),
    )
    await this.look()
  }

  /** Its points and figures; labels and predictions stay. Whether it is gone. */
  async remove(): Promise<boolean> {
    if (!this.evaluation || !confirm(t("Delete this evaluation? Labels and predictions stay."))) return false
    try {
      await send("DELETE", `/api/evaluations/${this.evaluation.id}/`)
    } catch (error) {
      this.toasts.show("bad", told(error))
      return false
    }
    this.chosen = null
    this.points = Points.none(0)
    this.now = null
    this.selected = []
    this.turn += 1
    await this.look()
    return true
  }

  /** Loads what is chosen, along the axes that are. */
  follow(): void {
    $effect(() => {
      void this.chosen
      void this.axes
      untrack(() => void this.load())
    })
    $effect(() => {
      void this.order
      untrack(() => void this.stand())
    })
  }
}

export function itemsOf(points: Points, rows: readonly number[]): number[] {
  return [...new Set(rows.map((row) => points.items[row]!))]
}

export function uuidOf(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

function told(error: unknown): string {
  if (error instanceof Refused) return error.message
  reportError(error)
  return t("The map cannot be drawn: what came from the server cannot be read. Reload the page.")
}
