/** What a text's blocks draw, kept up to date with the session. Offsets are units; each block reads its own entry. */

import { SvelteMap } from "svelte/reactivity"

import type { Id, Peer, SheetSession, ViewChange } from "../../live/contract"
import type { Label } from "../contract"
import type { Suggestion } from "../suggested"
import { blockAt } from "./blocks"
import type { Interval } from "./lanes"
import type { Offsets } from "./offsets"
import { Spans, type Span } from "./spans"

/** A place of the text that somebody marks: a selection, an unfinished span, or (start = end) a caret. */
export interface Region extends Interval {
  readonly key: string
  readonly color: string
  readonly own: boolean
  /** Whose it is, on the one region that carries the name. */
  readonly name: string | null
}

const SHOWN_SELECTION = 50 // spans of a peer's selection

export class Drawn {
  readonly spans = new SvelteMap<number, readonly Span[]>()
  readonly regions = new SvelteMap<number, readonly Region[]>()
  private readonly index: Spans
  /** Ends that a peer is dragging. */
  private peersEnds = new Map<Id, Interval>()
  /** By the annotation that stands for each; one that is there is drawn in its place. */
  private suggestions: ReadonlyMap<Id, Suggestion> = new Map()
  private ownEnds: (Interval & { id: Id }) | null = null

  constructor(
    private readonly session: SheetSession,
    private readonly offsets: Offsets,
    private readonly starts: readonly number[],
    private readonly labels: () => ReadonlyMap<number, Label>,
  ) {
    this.index = new Spans(starts)
  }

  get(id: Id): Span | undefined {
    return this.index.get(id)
  }

  update(ids: ViewChange["ids"]): void {
    const all = () => new Set([...this.index.ids(), ...this.session.records.keys(), ...this.suggestions.keys()])
    const changed = ids === "all" ? all() : ids
    const blocks = new Set<number>()
    for (const id of changed) for (const block of this.index.set(id, this.spanOf(id))) blocks.add(block)
    for (const block of blocks) this.spans.set(block, this.index.inBlock(block))
  }

  suggest(suggestions: ReadonlyMap<Id, Suggestion>): void {
    const ids = new Set([...this.suggestions.keys(), ...suggestions.keys()])
    this.suggestions = suggestions
    this.update(ids)
  }

  /** The span that one drags oneself shows at its new ends. */
  drag(ends: (Interval & { id: Id }) | null): void {
    const ids = new Set([this.ownEnds?.id, ends?.id].filter((id) => id !== undefined))
    this.ownEnds = ends
    this.update(ids)
  }

  /** Draws where the peers are, and one's own marked words. */
  mark(own: readonly Region[]): void {
    const peers = [...this.session.peers.values()]
    this.movePeersEnds(peers)
    const blocks = new Map<number, Region[]>()
    for (const region of [...peers.flatMap((peer) => this.regionsOf(peer)), ...own]) {
      const last = blockAt(this.starts, Math.max(region.start, region.end - 1))
      for (let block = blockAt(this.starts, region.start); block <= last; block++) {
        blocks.set(block, [...(blocks.get(block) ?? []), region])
      }
    }
    for (const block of this.regions.keys()) if (!blocks.has(block)) this.regions.delete(block)
    for (const [block, regions] of blocks) this.regions.set(block, regions)
  }

  /** Where a peer works: the end of what they mark, or their caret. */
  placeOf(peer: Peer): number | null {
    const draft = this.draftOf(peer)
    if (draft) return draft.end
    return peer.caret == null ? null : this.offsets.toUnits(peer.caret)
  }

  private spanOf(id: Id): Span | undefined {
    const record = this.session.records.get(id)
    const suggestion = record ? undefined : this.suggestions.get(id)
    const said = record ?? suggestion
    if (said?.shape.type !== "span") return undefined
    const { start, end } = said.shape
    const ends = (this.ownEnds?.id === id ? this.ownEnds : this.peersEnds.get(id)) ?? {
      start: this.offsets.toUnits(start),
      end: this.offsets.toUnits(end),
    }
    return { id, ...ends, label: this.labels().get(said.label), score: suggestion?.score ?? null }
  }

  private movePeersEnds(peers: readonly Peer[]): void {
    const before = this.peersEnds
    this.peersEnds = new Map()
    for (const peer of peers) {
      const draft = this.draftOf(peer)
      if (peer.draft?.annotation && draft) this.peersEnds.set(peer.draft.annotation, draft)
    }
    this.update(new Set([...before.keys(), ...this.peersEnds.keys()]))
  }

  private draftOf(peer: Peer): Interval | null {
    const shape = peer.draft?.shape
    if (shape?.type !== "span" || shape.start >= shape.end) return null
    return { start: this.offsets.toUnits(shape.start), end: this.offsets.toUnits(shape.end) }
  }

  private regionsOf(peer: Peer): Region[] {
    const places: Interval[] = []
    const draft = this.draftOf(peer)
    const caret = draft ? null : this.placeOf(peer)
    if (draft) places.push(draft)
    if (caret !== null) places.push({ start: caret, end: caret })
    for (const id of (peer.selection ?? []).slice(0, SHOWN_SELECTION)) {
      const span = this.index.get(id)
      if (span && peer.draft?.annotation !== id) places.push({ start: span.start, end: span.end })
    }
    return places.map(({ start, end }, i) => {
      return { key: `${peer.connection} ${i}`, start, end, color: peer.color, own: false, name: i ? null : peer.name }
    })
  }
}
