/** The runs of the pipeline on the desk, looked at again and again while one goes on. */

import { get, post, Refused } from "../ui/api"
import { t } from "../ui/strings"
import type { Failure, RunNow, Standing } from "./contract"
import type { Desk } from "./desk.svelte"

const QUICK = 1000
const CALM = 8000

export type RunDeed = "pause" | "resume" | "cancel" | "retry"

export class Runs {
  shown = $state.raw<readonly RunNow[]>([])
  starting = $state(false)
  failures = $state.raw<{ run: number; found: readonly Failure[] } | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly desk: Desk) {}

  get going(): boolean {
    return this.shown.some(({ progress }) => progress.state === "running")
  }

  /** Until what it gives is called. */
  watch(): () => void {
    void this.look()
    return () => clearTimeout(this.#timer)
  }

  async look(): Promise<void> {
    clearTimeout(this.#timer)
    const { desk } = this
    if (desk.id && !document.hidden) {
      const standing = await get<Standing>(`/api/pipelines/${desk.id}/standing/`).catch(() => null)
      if (standing) this.#take(standing)
    }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.look(), this.going ? QUICK : CALM)
  }

  #take({ runs, number, saved_by }: Standing): void {
    const { desk } = this
    this.shown = runs
    if (number <= desk.number || desk.saving || desk.overtaken?.number === number) return
    desk.overtaken = { number, why: t("{name} has saved v{number} meanwhile.", { name: saved_by, number }) }
  }

  /** The version that is shown, on all items or those that fit filters of the grid. */
  async start(query = ""): Promise<void> {
    const { desk } = this
    this.starting = true
    try {
      if (desk.unsaved && !(await desk.save())) return
      await post(`/api/pipelines/${desk.id}/run/?${query}`, { version: desk.number })
      await this.look()
    } catch (error) {
      this.#tell(error)
    } finally {
      this.starting = false
    }
  }

  async act(run: number, deed: RunDeed): Promise<void> {
    try {
      await post(`/api/runs/${run}/${deed}/`, {})
      await this.look()
    } catch (error) {
      this.#tell(error)
    }
  }

  async why(run: number): Promise<void> {
    try {
      this.failures = { run, found: await get<Failure[]>(`/api/runs/${run}/failures/`) }
    } catch (error) {
      this.#tell(error)
    }
  }

  #tell(error: unknown): void {
    this.desk.toasts.show("bad", error instanceof Refused ? error.message : String(error))
  }
}
