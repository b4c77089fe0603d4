/** The items that fit the filters, fetched a page at a time, as far as they come into sight. */

import { get, Refused } from "../ui/api"
import { projectGone } from "../ui/gone"
import type { Card, Choices, Counts, Fresh, Page } from "./contract"

const PAGE = 60
const KEPT = 40 // pages
const AT_ONCE = 3 // requests

type Pages = ReadonlyMap<number, readonly Card[]>

export class Items {
  counts = $state.raw<Counts | null>(null)
  /** How many there are; until that is known, those that are here. Not derived: few pages that come change it. */
  total = $state(0)
  choices = $state.raw<Choices>({ labels: [], people: [] })
  /** Why what is in sight cannot be shown. */
  failed = $state.raw<Refused | null>(null)
  #pages = $state.raw<Pages>(new Map())
  /** Where the list ends, as far as its pages have told. */
  #end: number | null = null
  /** Shown until the new ones are there. */
  #old: Pages = new Map()
  /** The cursors of pages that can be asked for without passing over others. */
  #cursors = new Map([[0, ""]])
  #asked = new Map<number, Promise<void>>()
  /** The pages that did not come. */
  #lost = new Set<number>()
  #query = new URLSearchParams()
  /** What was asked for last. */
  #wanted: readonly [first: number, last: number] = [0, PAGE - 1]
  #turn = 0

  /** `choices`: the labels and people of the project, as the page was given them. */
  constructor(
    readonly address: string,
    given: Choices,
  ) {
    this.choices = given
  }

  /** Whether nothing has been told yet. */
  get unknown(): boolean {
    return !this.#pages.size && !this.counts
  }

  /** Whether something is suggested for one of those that are here. */
  get suggests(): boolean {
    return [...this.#pages.values()].some((cards) => cards.some(({ suggested }) => suggested.count))
  }

  at(index: number): Card | undefined {
    const page = Math.floor(index / PAGE)
    return (this.#pages.get(page) ?? this.#old.get(page))?.[index % PAGE]
  }

  /** Other filters: nothing of before is shown. The first page may be known already. */
  show(query: URLSearchParams, first: Page | null = null): void {
    this.#old = new Map()
    this.counts = first?.counts ?? null
    this.#query = query
    this.#begin()
    if (!this.counts) void this.count()
    if (first) {
      this.#asked.set(0, Promise.resolve())
      this.#take(0, first)
    } else void this.want(0, PAGE - 1)
  }

  /** The same anew, as items have come or gone, with what is in sight. */
  async again(): Promise<void> {
    const anew = this.#anew()
    await Promise.all([anew, this.count()])
  }

  async #anew(): Promise<void> {
    if (this.#pages.size) this.#old = this.#pages
    this.#begin()
    await this.want(...this.#wanted)
  }

  #begin(): void {
    this.#turn += 1
    this.#pages = new Map()
    this.#cursors = new Map([[0, ""]])
    this.#asked = new Map()
    this.#lost = new Set()
    this.#end = null
    this.failed = null
    this.#tally()
  }

  #tally(): void {
    const here = [...this.#pages].map(([page, cards]) => page * PAGE + cards.length)
    this.total = this.#end ?? Math.max(this.counts?.total ?? 0, ...here)
  }

  /** Have these items, which are in sight, as far as there are so many. */
  want(first: number, last: number): Promise<void> {
    this.#wanted = [first, last]
    return this.#have(first, last)
  }

  async #have(first: number, last: number): Promise<void> {
    const end = this.counts || this.#end !== null ? this.total - 1 : last
    const pages: number[] = []
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.min(last, end) / PAGE); page++) pages.push(page)
    while (pages.length) await Promise.all(pages.splice(0, AT_ONCE).map((page) => this.#fetch(page)))
    this.#forget(Math.floor(first / PAGE))
  }

  /** The cards from one to another, both among them. */
  async between(first: number, last: number): Promise<Card[]> {
    await this.#have(first, last)
    const found: Card[] = []
    for (let index = first; index <= last; index++) {
      const card = this.at(index)
      if (card) found.push(card)
    }
    return found
  }

  /** While that cannot be told, what is here tells how many there are at least. */
  async count(): Promise<void> {
    const turn = this.#turn
    const answer = await this.#get({ counts: 1, limit: 0 }).catch(() => null)
    if (!answer || turn !== this.#turn) return
    this.counts = answer.counts
    this.#tally()
    if (answer.choices && JSON.stringify(answer.choices) !== JSON.stringify(this.choices)) this.choices = answer.choices
  }

  /** Count anew; when items have come or gone, or labels look different, what is here begins anew. */
  async moved(): Promise<void> {
    const { total, choices } = this
    const turn = this.#turn
    await this.count()
    if (turn !== this.#turn || !this.counts) return
    if (this.counts.total !== total || this.choices !== choices) await this.#anew()
  }

  /** What stands on some cards now, though it may fit the filters no more: nothing moves away under one's hand. Those
   * that cannot be asked about stay as they are; when one is gone, what is here begins anew. */
  async refresh(known: readonly Card[]): Promise<void> {
    const turn = this.#turn
    if (!known.length) return
    const ids = known.map(({ id }) => id)
    const clocks = known.map(({ clock }) => clock)
    const stamps = known.map(({ stamp }) => stamp)
    const asked = { ids: ids.join(","), known: clocks.join(","), stamps: stamps.join(",") }
    const page = await this.#get<{ items: readonly Fresh[] }>(asked, new URLSearchParams()).catch(() => null)
    if (!page || turn !== this.#turn) return
    if (page.items.length < ids.length) return this.again()
    const fresh = new Map(page.items.map((card) => [card.id, card]))
    const replaced = [...this.#pages].map(
      ([number, cards]) => [number, cards.map((card) => renewed(card, fresh.get(card.id)))] as const,
    )
    this.#pages = new Map(replaced)
  }

  #fetch(page: number): Promise<void> {
    const under = this.#asked.get(page)
    if (under) return under
    const asking = this.#fetchNow(page)
    this.#asked.set(page, asking)
    return asking
  }

  async #fetchNow(page: number): Promise<void> {
    const turn = this.#turn
    const near = Math.max(...[...this.#cursors.keys()].filter((known) => known <= page))
    try {
      const skip = (page - near) * PAGE
      const found = await this.#get({ cursor: this.#cursors.get(near) ?? "", skip, limit: PAGE })
      if (turn !== this.#turn) return
      this.#take(page, found)
      this.#lost.delete(page)
      if (!this.#misses()) this.failed = null
    } catch (error) {
      if (turn === this.#turn) {
        this.#asked.delete(page)
        this.#lost.add(page)
      }
      this.#fail(error, turn)
    }
  }

  /** Whether something of what is in sight did not come, though something else did. */
  #misses(): boolean {
    const [first, last] = this.#wanted.map((index) => Math.floor(index / PAGE)) as [number, number]
    return [...this.#lost].some((page) => page >= first && page <= last)
  }

  #take(page: number, { items, next }: Page): void {
    if (next) this.#cursors.set(page + 1, next)
    else if (items.length || !page) this.#end = page * PAGE + items.length
    this.#pages = new Map([...this.#pages, [page, items]])
    this.#tally()
  }

  #fail(error: unknown, turn: number): void {
    if (!(error instanceof Refused)) throw error
    if (turn === this.#turn) this.failed = error
  }

  /** Those far from sight go, so that a long way through the list does not fill the memory. */
  #forget(near: number): void {
    if (this.#pages.size <= KEPT) return
    const nearest = [...this.#pages].sort(([a], [b]) => Math.abs(a - near) - Math.abs(b - near))
    this.#pages = new Map(nearest.slice(0, KEPT / 2))
    for (const page of [...this.#asked.keys()]) if (!this.#pages.has(page)) this.#asked.delete(page)
  }

  #get<T = Page>(asked: Record<string, string | number>, filters = this.#query): Promise<T> {
    const query = new URLSearchParams(filters)
    for (const [name, value] of Object.entries(asked)) if (value !== "") query.set(name, String(value))
    return get<T>(`${this.address}?${query}`).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) projectGone(error.message)
      throw error
    })
  }
}

/** What is drawn is told only where it has changed. */
function renewed(card: Card, fresh: Fresh | undefined): Card {
  if (!fresh) return card
  const { annotations, outlines, spans, tags, suggested } = fresh
  return {
    ...fresh,
    annotations: annotations ?? card.annotations,
    outlines: outlines ?? card.outlines,
    spans: spans ?? card.spans,
    tags: tags ?? card.tags,
    suggested: suggested ?? card.suggested,
  }
}
