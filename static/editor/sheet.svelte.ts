/** A sheet's session for Svelte: reading subscribes, and what changes many times in a frame is shown once. */

import { createSubscriber } from "svelte/reactivity"

import type { AnnotationRecord, Id, Peer, SheetSession, Unsubscribe } from "../live/contract"

export class Sheet {
  readonly #view: () => void
  readonly #state: () => void
  readonly #peers: () => void

  constructor(readonly session: SheetSession) {
    this.#view = subscriber((listener) => session.onView(listener))
    this.#state = subscriber((listener) => session.onState(listener))
    this.#peers = subscriber((listener) => session.onPeers(listener))
  }

  get records(): ReadonlyMap<Id, AnnotationRecord> {
    this.#view()
    return this.session.records
  }

  get peers(): ReadonlyMap<string, Peer> {
    this.#peers()
    return this.session.peers
  }

  get clock() {
    return this.#now.clock
  }
  get known() {
    return this.#now.known
  }
  get status() {
    return this.#now.status
  }
  get reason() {
    return this.#now.reason
  }
  get unsure() {
    return this.#now.unsure
  }
  get role() {
    return this.#now.role
  }
  get ended() {
    return this.#now.ended
  }
  get conflicts() {
    return this.#now.conflicts
  }
  get canUndo() {
    return this.#now.canUndo
  }
  get canRedo() {
    return this.#now.canRedo
  }

  get #now(): SheetSession {
    this.#state()
    return this.session
  }
}

/** For getters: who reads in an effect is told of changes, once a frame. */
export function subscriber(listen: (listener: () => void) => Unsubscribe): () => void {
  return createSubscriber((update) => {
    let frame = 0
    const stop = listen(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        update()
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      stop()
    }
  })
}
