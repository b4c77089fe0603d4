/** What happens in a project, for a page that shows its items and no sheet: it is told when to fetch them anew. */

import type { Unsubscribe } from "./contract"
import { uuid } from "./ids"
import type { Outgoing } from "./messages.gen"
import { dialWebSocket, liveUrl, watchNetwork } from "./network"
import { Socket, type Wire } from "./socket"

export type What = Outgoing["type"]
const TELLS: readonly What[] = ["proposals_changed", "items_changed", "labels_changed"]

export interface WatchOptions {
  /** At most once in so many milliseconds, and then of all that was told meanwhile. */
  every?: number
  /** What one wants to be told of. */
  tells?: readonly What[]
  dial?: () => Wire
}

export function watchProject(
  project: number,
  changed: (what: ReadonlySet<What>) => void,
  { every = 1000, tells = TELLS, dial = () => dialWebSocket(liveUrl()) }: WatchOptions = {},
): Unsubscribe {
  let [told, missed] = [-Infinity, false]
  let what = new Set<What>()
  let later: ReturnType<typeof setTimeout> | undefined
  const tell = (those: readonly What[]) => {
    for (const one of those) what.add(one)
    later ??= setTimeout(
      () => {
        later = undefined
        told = performance.now()
        const now = what
        what = new Set()
        changed(now)
      },
      Math.max(told + every - performance.now(), 0),
    )
  }
  const ask = () => socket.send({ type: "watch", project })
  const socket: Socket = new Socket(uuid(), dial, {
    welcome: ask,
    message({ type }) {
      if (tells.includes(type)) tell([type])
      else if (type === "watching" && missed) tell(tells) // any of it may have been
      if (type === "watching") missed = false
    },
    link(link) {
      missed ||= link === "offline"
    },
    quiet: ask,
  })
  const unlisten = watchNetwork(
    () => socket.wake(),
    () => socket.sleep(),
  )
  socket.connect()
  return () => {
    clearTimeout(later)
    unlisten()
    socket.stop()
  }
}
