/** What is said about the item that is open: fetched anew whenever the room tells of a change. */

import { SvelteMap } from "svelte/reactivity"

import type { Id, SheetSession } from "../live/contract"
import { get, post, send } from "../ui/api"
import { once } from "../ui/once"
import type { Place } from "./contract"
import { type Said, type Talk, threadsOf, unreadOf } from "./comments"

/** What is written and not yet sent, by item and thread: going elsewhere and coming back loses nothing. */
export const drafts = new SvelteMap<string, string>()

/** The comment that the page's address names: where a notice leads. */
export const sought = { comment: Number(/^#comment-(\d+)$/.exec(globalThis.location?.hash ?? "")?.[1] ?? 0) }

export class Comments {
  /** Null until it has come. */
  talk = $state.raw<Talk | null>(null)
  /** Why it could not be fetched. */
  trouble = $state<string | null>(null)
  /** Where the next thread is to stand. */
  place = $state.raw<Place | null>(null)
  /** The next click on the stage says where. */
  placing = $state(false)
  /** The thread whose pin was clicked, or that was. */
  current = $state<number | null>(null)
  readonly close: () => void
  #turn = 0

  constructor(
    readonly item: number,
    private readonly me: number,
    private readonly session: SheetSession,
  ) {
    this.close = session.onComments(() => void this.fetch())
    if (session.joined) void this.fetch()
  }

  readonly threads = $derived(threadsOf(this.talk?.comments ?? []))
  readonly unread = $derived.by(() => (this.talk ? unreadOf(this.talk, this.me) : []))
  /** Annotations that somebody waits for an answer about. */
  readonly open: ReadonlySet<Id> = $derived(
    new Set(this.threads.flatMap(({ first }) => (first.annotation && !first.resolved_at ? [first.annotation] : []))),
  )

  /** An answer that was overtaken by a later one is not shown. */
  async fetch(): Promise<void> {
    const turn = ++this.#turn
    try {
      const talk = await get<Talk>(this.#address())
      if (turn !== this.#turn) return
      this.talk = talk
      this.trouble = null
    } catch (error) {
      if (turn === this.#turn) this.trouble = (error as Error).message
    }
  }

  async say(text: string, about: { annotation?: Id | null; place?: Place | null; thread?: number }): Promise<void> {
    if (about.annotation) await this.#sent(about.annotation)
    await once([this.item, text, about], (id) => post<Said>(this.#address(), { id, text, ...about }))
    await this.fetch()
  }

  /** Until the server has the annotation, which may just have been drawn, or cannot be told of it now. */
  #sent(annotation: Id): Promise<void> {
    const { session } = this
    const isOnItsWay = () => (session.joined || !session.known) && session.records.get(annotation)?.clock === 0
    if (!isOnItsWay()) return Promise.resolve()
    return new Promise((resolve) => {
      const close = session.onState(() => {
        if (isOnItsWay()) return
        close()
        resolve()
      })
    })
  }

  async rewrite({ id }: Said, text: string): Promise<void> {
    await send<Said>("PATCH", `/api/comments/${id}/`, { text })
    await this.fetch()
  }

  async remove({ id }: Said): Promise<void> {
    await send("DELETE", `/api/comments/${id}/`)
    await this.fetch()
  }

  async resolve({ id }: Said, resolved: boolean): Promise<void> {
    await post<Said>(`/api/comments/${id}/resolve/`, { resolved })
    await this.fetch()
  }

  /** All that is shown has been seen. What fails now is tried again with the next comment. */
  async markRead(): Promise<void> {
    const last = this.talk?.comments.at(-1)?.id
    if (!this.talk || !last || last <= this.talk.read) return
    this.talk = { ...this.talk, read: last }
    await post(this.#address("read/"), { comment: last }).catch(() => undefined)
  }

  #address(of = ""): string {
    return `/api/items/${this.item}/comments/${of}?sheet=${this.session.sheet}`
  }
}
