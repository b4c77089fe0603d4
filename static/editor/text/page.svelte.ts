/** What all blocks of one text share: the person's state, where text lies, and which blocks are near the window. */

import { SvelteSet } from "svelte/reactivity"

import type { Id } from "../../live/contract"
import type { EditorState } from "../contract"
import type { Adjusting } from "./adjusting.svelte"
import { covers, type Mark } from "./drawing"
import type { Drawn } from "./drawn.svelte"
import type { Places } from "./places"
import type { Span } from "./spans"

export class Page {
  /** Blocks near the window; only they are measured and drawn. */
  readonly near = new SvelteSet<number>()
  /** Counts changes of width, size and font: what was measured before is void. */
  layout = $state(0)
  /** What is drawn in each block that is near, for hit tests. */
  readonly marks = new Map<number, readonly Mark[]>()
  private watcher: IntersectionObserver | null = null
  private readonly waiting = new Set<Element>()

  constructor(
    readonly text: string,
    readonly starts: readonly number[],
    readonly state: EditorState,
    readonly drawn: Drawn,
    readonly places: Places,
    readonly adjusting: Adjusting,
  ) {}

  /** Annotations, or the one suggestion. */
  get selected(): ReadonlySet<Id> {
    const { selection, suggestion } = this.state
    return suggestion === null ? selection : new Set([suggestion])
  }

  select({ id, score }: Span): void {
    if (score === null) this.state.selection = new Set([id])
    else this.state.suggestion = id
  }

  /** The spans under the pointer. */
  hits(event: MouseEvent): Span[] {
    const block = (event.target as Element).closest<HTMLElement>("[data-block]")
    if (!block) return []
    const { left, top } = block.getBoundingClientRect()
    const marks = this.marks.get(Number(block.dataset["block"])) ?? []
    return marks.filter((mark) => covers(mark, event.clientX - left, event.clientY - top)).map((mark) => mark.span)
  }

  textOf(block: number): string {
    return this.text.slice(this.starts[block], this.starts[block + 1])
  }

  /** Watches which blocks come near the window of `scroller`; answers with how to stop. */
  watch(scroller: Element): () => void {
    const watcher = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const block = Number((target as HTMLElement).dataset["block"])
          if (isIntersecting) this.near.add(block)
          else this.near.delete(block)
        }
      },
      { root: scroller, rootMargin: "50% 0px" },
    )
    this.watcher = watcher
    for (const element of this.waiting) watcher.observe(element)
    this.waiting.clear()
    return () => watcher.disconnect()
  }

  /** A block that joins the page. */
  observe(element: Element): void {
    if (this.watcher) this.watcher.observe(element)
    else this.waiting.add(element)
  }
}
