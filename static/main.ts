/** The server-rendered pages: their look, htmx for their live parts, and the little that needs a script of ours. */

import "@tabler/core/dist/css/tabler.min.css"
import "./ui/look.css"
import "./ui/marks.css"
import "./ui/pages/tabler.css"
import "./ui/pages/base.css"
import "./ui/pages/controls.css"
import "./ui/pages/frame.css"
import "./ui/pages/dashboard.css"
import "./ui/pages/detectors.css"
import "./ui/pages/dialogs.css"
import "./ui/pages/gate.css"
import "./ui/pages/home.css"
import "./ui/pages/project.css"
import "./ui/pages/account.css"
import "./ui/pages/settings.css"
import "./ui/pages/share.css"

import "./ui/written.css"
import "./ui/bell"
import htmx from "htmx.org"
import { csrfToken } from "./ui/api"
import { startAsking } from "./ui/ask"
import { startAttributes } from "./ui/attributes"
import { startCopying } from "./ui/copy"
import { startDialogs } from "./ui/dialogs"
import { startExamples } from "./ui/examples"
import { projectGone } from "./ui/gone"
import { note, say } from "./ui/notes"
import { startPulse } from "./ui/pulse"
import { startLargest } from "./ui/largest"
import { startModels } from "./ui/models"
import { startSendingOnce } from "./ui/sentonce"
import { startTheme, startThemeSwitch } from "./ui/theme"
import { startUpload } from "./ui/upload"
import { startWaiting } from "./ui/waiting"
import { startZone } from "./ui/zone"

const PARTS = [
  startAsking,
  startCopying,
  startThemeSwitch,
  startDialogs,
  startAttributes,
  startExamples,
  startLargest,
  startModels,
  () => startPulse(htmx),
  startSendingOnce,
  startUpload,
  startWaiting,
  startZone,
]

startTheme()
document.addEventListener("DOMContentLoaded", () => {
  for (const start of PARTS) attempt(start)
  document.dispatchEvent(new Event("page:ready")) // for static/early.ts
})

/** What one part cannot do keeps no other from its work. */
function attempt(start: () => void): void {
  try {
    start()
  } catch (error) {
    reportError(error)
  }
}

const SIGN_IN = "/accounts/login/"

/** The token as it is when something is sent: signing in again changes it. */
document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail
  headers["X-CSRFToken"] = csrfToken()
})

/** When the session has ended, the answer is the sign-in page, which must not take the place of what was typed. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean }>
  const told = document.querySelector("#signed-out")
  if (new URL(detail.xhr.responseURL).pathname !== SIGN_IN) return told?.remove()
  detail.shouldSwap = false
  if (!told) showSignedOut()
})

/** Why a form was refused stands above its fields, and the button that has sent it may be far below. */
document.addEventListener("htmx:afterSettle", (event) => {
  const { detail } = event as CustomEvent<{ elt: Element; requestConfig: { verb: string } }>
  if (detail.requestConfig.verb !== "post") return
  detail.elt.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" })
})

function showSignedOut(): void {
  const link = Object.assign(document.createElement("a"), { href: SIGN_IN, target: "_blank", textContent: "Sign in" })
  note("You are signed out. ", link, " in a new tab, then try again: this page stays as it is.").id = "signed-out"
}

/** What asks again by itself, so that nobody need be told that the server is away. */
const ASKS_AGAIN = "[data-pulse], [data-asks-again]"

/** What htmx asked for was refused: say why, in the server's words. */
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail
  const asking = event.target as Element
  if (asking.matches(ASKS_AGAIN)) {
    if (xhr.status === 404) return projectGone(detailOf(xhr))
    if (xhr.status !== 403) return
    asking.remove() // to one's role it is told no more
  }
  say(detailOf(xhr))
})
document.addEventListener("htmx:sendError", ({ target }) => {
  if (!(target as Element).matches(ASKS_AGAIN)) say("The server cannot be reached. Try again in a moment.")
})

function detailOf(xhr: XMLHttpRequest): string {
  try {
    return (JSON.parse(xhr.responseText) as { detail: string }).detail
  } catch {
    return `The server answered ${xhr.status}. Try again in a moment.`
  }
}
