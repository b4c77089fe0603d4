/** What happens in a project, for a page that shows its items and no sheet: it is told when to fetch them anew. */

import type { Unsubscribe } from "./contract"
import { uuid } from "./ids"
import type { Outgoing } from "./messages.gen"
import { dialWebSocket, liveUrl, watchNetwork } from "./network"
import { Socket, type Wire } from "./socket"

const TELLS: readonly Outgoing["type"][] = ["proposals_changed", "items_changed", "labels_changed"]

export interface WatchOptions {
  /** At most once in so many milliseconds, and then of all that was told meanwhile. */
  every?: number
  dial?: () => Wire
}

export function watchProject(
  project: number,
  changed: () => void,
  { every = 1000, dial = () => dialWebSocket(liveUrl()) }: WatchOptions = {},
): Unsubscribe {
  let [told, missed] = [-Infinity, false]
  let later: ReturnType<typeof setTimeout> | undefined
  const tell = () => {
    later ??= setTimeout(
      () => {
        later = undefined
        told = performance.now()
        changed()
      },
      Math.max(told + every - performance.now(), 0),
    )
  }
  const ask = () => socket.send({ type: "watch", project })
  const socket: Socket = new Socket(uuid(), dial, {
    welcome: ask,
    message({ type }) {
      if (TELLS.includes(type) || (type === "watching" && missed)) tell()
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
