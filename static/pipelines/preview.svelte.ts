/** What a graph makes of one item: asked anew whenever either changes. */

import { get, post, Refused } from "../ui/api"
import { t } from "../ui/strings"
import type { Graph, Kind, Sample } from "./contract"
import { Latest } from "./latest"

const WAIT = 250
const SLOW = 2000

/** One thing that was found: x, y, width and height in pixels, or start and end in code points. */
export interface Found {
  place: readonly number[]
  ring?: readonly (readonly number[])[] | null
  label: string
  score: number
}

/** detectors/previewing.py: how many a node found, and the first of them. One that was not come to has no count; of
 * what was known already no time is told. */
export interface NodePreview {
  count?: number
  ms?: number
  found?: readonly Found[]
  error?: string
}

export interface Previewed {
  nodes: Readonly<Record<string, NodePreview>>
}

export type PreviewState =
  | { kind: "none" }
  | { kind: "running"; slow: boolean }
  | { kind: "done"; milliseconds: number }
  | { kind: "failed"; why: string }

export class Preview {
  sample = $state.raw<Sample | null>(null)
  nodes = $state.raw<Previewed["nodes"]>({})
  state = $state.raw<PreviewState>({ kind: "none" })
  image = $state.raw<HTMLImageElement | null>(null)
  #latest: Latest<{ path: string; graph?: Graph | undefined; item: number }, Previewed>
  #slow: ReturnType<typeof setTimeout> | undefined
  #turn = 0

  constructor(private readonly api: string) {
    this.#latest = new Latest(
      ({ path, ...asked }, signal) => post<Previewed>(path, asked, signal),
      (answer) => {
        this.nodes = answer.nodes
        this.#are({ kind: "done", milliseconds: total(answer) })
      },
      (error) => this.#are({ kind: "failed", why: whyOf(error) }),
      WAIT,
    )
  }

  /** Of a kind, the first item, or the one of this id. */
  async open(of: Kind, id?: number | null): Promise<void> {
    const turn = ++this.#turn
    const asked = id ? `&item=${id}` : ""
    const sample = await get<Sample>(`${this.api}/sample/?of=${of}${asked}`).catch(() => null)
    if (turn !== this.#turn) return
    this.#latest.drop()
    this.nodes = {}
    this.image = null
    this.sample = sample
    if (sample?.media) this.#load(sample.media, turn)
  }

  run(graph: Graph): void {
    this.#ask(`${this.api}/preview/`, graph)
  }

  /** Of a version that is saved: whoever sees that may. */
  runSaved(pipeline: number, number: number): void {
    this.#ask(`/api/pipelines/${pipeline}/versions/${number}/preview/`)
  }

  #ask(path: string, graph?: Graph): void {
    if (!this.sample) return this.rest()
    this.#are({ kind: "running", slow: false })
    this.#slow = setTimeout(() => (this.state = { kind: "running", slow: true }), SLOW)
    this.#latest.ask({ path, graph, item: this.sample.id })
  }

  /** There is nothing to run it on, or it cannot run. */
  rest(): void {
    this.#latest.drop()
    this.#are({ kind: "none" })
  }

  #are(state: PreviewState): void {
    clearTimeout(this.#slow)
    this.state = state
  }

  #load(media: string, turn: number): void {
    const image = new Image()
    image.onload = () => {
      if (turn === this.#turn) this.image = image
    }
    image.src = media
  }
}

function total({ nodes }: Previewed): number {
  return Object.values(nodes).reduce((sum, { ms }) => sum + (ms ?? 0), 0)
}

function whyOf(error: unknown): string {
  return error instanceof Refused ? error.message : t("The preview failed. Try again in a moment.")
}
