/**
 * Annotations that others drag right now: their shapes on the way stand in for those of the records. When a drag ends,
 * its last shape stays until the change itself has come, or it would jump back for a moment.
 */

import type { Id, Peer } from "../../live/contract"
import { onImageOnly, type ImageShape } from "./shapes"

const LINGERS = 600 // milliseconds

export interface Lift {
  readonly shape: ImageShape
  readonly connection: string
  /** When the drag was over, by `performance.now()`. */
  readonly endedAt: number | null
}

export class Lifts {
  readonly current = new Map<Id, Lift>()

  update(peers: ReadonlyMap<string, Peer>, now: number): void {
    const dragged = new Set<Id>()
    for (const { connection, draft } of peers.values()) {
      const shape = draft && onImageOnly(draft.shape)
      if (!shape || !draft.annotation) continue
      dragged.add(draft.annotation)
      this.current.set(draft.annotation, { shape, connection, endedAt: null })
    }
    for (const [id, lift] of this.current) {
      if (!dragged.has(id) && lift.endedAt === null) this.current.set(id, { ...lift, endedAt: now })
    }
  }

  /** The records of these have changed: a drag that is over has arrived. */
  arrived(ids: ReadonlySet<Id> | "all"): void {
    for (const [id, { endedAt }] of this.current) {
      if (endedAt !== null && (ids === "all" || ids.has(id))) this.current.delete(id)
    }
  }

  /** True while some still linger. */
  expire(now: number): boolean {
    let lingers = false
    for (const [id, { endedAt }] of this.current) {
      if (endedAt === null) continue
      if (now - endedAt > LINGERS) this.current.delete(id)
      else lingers = true
    }
    return lingers
  }
}
