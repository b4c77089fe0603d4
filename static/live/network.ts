/** The browser's side of the socket: where it is, and whether there is a network. */

import type { Unsubscribe } from "./contract"
import type { Wire } from "./socket"

export function liveUrl(): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/`
}

export function dialWebSocket(url: string): Wire {
  return new WebSocket(url) as unknown as Wire
}

/** Learn from the browser when the network is back or the page is looked at again, and when the network is gone. */
export function watchNetwork(wake: () => void, sleep: () => void): Unsubscribe {
  if (typeof document === "undefined") return () => undefined
  const shown = () => document.visibilityState === "visible" && wake()
  const gone = new AbortController()
  addEventListener("online", wake, gone)
  addEventListener("offline", sleep, gone)
  addEventListener("pageshow", wake, gone)
  addEventListener("focus", wake, gone)
  document.addEventListener("visibilitychange", shown, gone)
  return () => gone.abort()
}
