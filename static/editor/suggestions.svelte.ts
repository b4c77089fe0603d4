/** What models suggest for the open item, as it is shown, chosen and decided. */

import type { Decision, Id, SheetSession } from "../live/contract"
import { get } from "../ui/api"
import { Asked } from "./asked"
import { Asking } from "./asking.svelte"
import type { OpenItem } from "./contract"
import type { Editor } from "./editor.svelte"
import { takeSuggested } from "./prefetch"
import { above, accepting, distinct, percent, rejecting, undecided, type Suggestion } from "./suggested"

const NONE: readonly Suggestion[] = []
const PAUSE = 1_000 // milliseconds: a model at work proposes a lot

export interface Suggested {
  sheet: number
  suggestions: Suggestion[]
}

export class Suggestions {
  /** As the server listed them, whatever has become of them. */
  #all = $state.raw<readonly Suggestion[]>([])
  /** Those that are decided together: at least so sure (0 to 1), and of this label, unless it is null. */
  threshold = $state(0)
  #only = $state<number | null>(null)
  #runs = $state.raw<ReadonlyMap<number, string>>(new Map())
  #asked: Asked<Suggested> | null = null
  #askedAt = -Infinity
  #again = 0

  readonly asking: Asking

  constructor(private readonly editor: Editor) {
    this.asking = new Asking(editor)
  }

  /** Not decided yet, and not said by an annotation: the surest first, in a text as one reads it. */
  readonly open = $derived.by((): readonly Suggestion[] => {
    const { sheet, item, labels } = this.editor
    if (!sheet || !this.#all.length) return NONE
    const { records, session } = sheet
    const known = this.#all.filter(({ label }) => labels.get(label)?.removed === false)
    const saying = [...records.values()].filter(({ id }) => !this.asking.about.has(id))
    const open = undecided(known, (id) => this.#decided(session, id), saying)
    return item?.kind === "text" ? open.sort((a, b) => startOf(a) - startOf(b)) : open
  })

  readonly byId = $derived(new Map(this.open.map((one) => [one.annotation, one])))

  /** Those that are meant by what is said of all of them. */
  readonly meant = $derived(above(this.open, this.threshold, this.only))

  readonly count = $derived(this.meant.length)

  get only(): number | null {
    return this.open.some(({ label }) => label === this.#only) ? this.#only : null
  }

  set only(label: number | null) {
    this.#only = label
  }

  get current(): Suggestion | undefined {
    const { suggestion } = this.editor.state
    return suggestion === null ? undefined : this.byId.get(suggestion)
  }

  /** What an annotation was made of: "People v2, 87 %"; empty where nobody knows. */
  sourceOf(annotation: Id): string {
    const found = this.#all.find((one) => one.annotation === annotation)
    if (!found) return ""
    const run = this.#runs.get(found.run)
    return run ? `${run}, ${percent(found.score)}` : percent(found.score)
  }

  nameOf({ label, shape, score }: Suggestion): string {
    const words = shape.type === "span" ? `“${shape.quote}” ` : ""
    return `${words}${this.editor.labels.get(label)?.name ?? ""} ${percent(score)}`
  }

  // The item ----------------------------------------------------------------------------------------------------------

  enter(item: OpenItem): void {
    this.close()
    this.asking.enter()
    this.#all = takeSuggested(item)?.suggestions ?? []
    this.#asked = new Asked<Suggested>(`/api/items/${item.id}/suggestions/`, ({ sheet, suggestions }) => {
      if (sheet !== item.sheet) return
      this.#all = suggestions
      if (suggestions.length) void this.#nameRuns()
    })
    this.#ask()
  }

  /** There may be others now. */
  changed(): void {
    if (this.#again || !this.#asked) return
    this.#again = window.setTimeout(() => this.#ask(), Math.max(0, this.#askedAt + PAUSE - Date.now()))
  }

  #ask(): void {
    this.#again = 0
    this.#askedAt = Date.now()
    void this.#asked?.fetch()
  }

  async #nameRuns(): Promise<void> {
    if (this.#all.every(({ run }) => this.#runs.has(run))) return
    const runs = await get<{ id: number; name: string }[]>(`/api/projects/${this.editor.project.id}/runs/`).catch(
      () => [],
    )
    this.#runs = new Map(runs.map(({ id, name }) => [id, name]))
  }

  close(): void {
    clearTimeout(this.#again)
    this.#again = 0
    this.#asked?.close()
    this.#asked = null
  }

  /** What the sheet tells comes before the list, which may be older. What was accepted when the list was made, and is not
   * there now, is open again. */
  #decided(session: SheetSession, annotation: Id): Decision | undefined {
    const told = session.decision(annotation)
    if (told || !session.known) return told
    return this.#accepted.has(annotation) ? "open" : undefined
  }

  readonly #accepted = $derived(
    new Set(this.#all.filter(({ state }) => state === "accepted").map(({ annotation }) => annotation)),
  )

  /** For an effect: lets go of one that somebody has decided. */
  watch(): void {
    const { state } = this.editor
    if (state.suggestion !== null && !this.current) state.suggestion = null
  }

  // Deciding ----------------------------------------------------------------------------------------------------------

  select(annotation: Id): void {
    this.editor.state.suggestion = annotation
    this.editor.stage?.reveal([annotation])
  }

  /** The one after or before the selected one, round and round. */
  selectBeside(step: 1 | -1): void {
    const { open } = this
    const at = this.current ? open.indexOf(this.current) : step === 1 ? -1 : 0
    const next = open[(at + step + open.length) % open.length]
    if (next) this.select(next.annotation)
  }

  accept(ones: readonly Suggestion[]): void {
    this.#decide(ones, distinct(this.#waiting(ones)).map(accepting))
  }

  reject(ones: readonly Suggestion[]): void {
    this.#decide(ones, this.#waiting(ones).map(rejecting))
  }

  /** What is shown may be a frame old. */
  #waiting(ones: readonly Suggestion[]): Suggestion[] {
    const { sheet } = this.editor
    return ones.filter(({ annotation }) => {
      const said = sheet?.session.decision(annotation)
      return said === undefined || said === "open"
    })
  }

  /** Of one that was selected the next one takes its place. */
  #decide(ones: readonly Suggestion[], operations: Parameters<Editor["apply"]>[0]): void {
    const { state } = this.editor
    const at = this.open.findIndex(({ annotation }) => annotation === state.suggestion)
    const gone = new Set(ones.map(({ annotation }) => annotation))
    const next =
      at === -1
        ? undefined
        : [...this.open.slice(at), ...this.open.slice(0, at)].find((one) => !gone.has(one.annotation))
    this.editor.apply(operations)
    if (at === -1 || !gone.has(state.suggestion ?? "")) return
    if (next) this.select(next.annotation)
    else state.suggestion = null
  }
}

function startOf({ shape }: Suggestion): number {
  return shape.type === "span" ? shape.start : -1
}
