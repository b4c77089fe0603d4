/**
 * `<notice-bell>`: on every page, how often one was mentioned, answered or given work and has not read it; opened, the
 * list. As it asks, it says which page one looks at.
 */

import "./bell.css"
import { ago } from "./ago"
import { get, Refused, send } from "./api"
import { ICONS } from "./icons"
import { number, plural, t } from "./strings"

const SECONDS = 10

interface Notice {
  id: number
  kind: keyof typeof SAID
  /** Nobody by name: the project's managers. */
  by: { name: string; color: string } | null
  text: string
  /** The one it is about; "" where `items` are several. */
  item: string
  items: number | null
  project: string
  at: string
  read: boolean
  address: string
}

interface Notices {
  unread: number
  notices: Notice[]
}

class NoticeBell extends HTMLElement {
  readonly #menu = document.createElement("details")
  readonly #summary = document.createElement("summary")
  readonly #count = element("b", "bell-count num")
  readonly #list = element("div", "menu-list bell-list")
  #timer = 0

  constructor() {
    super()
    this.#menu.className = "menu"
    this.#summary.className = "bell"
    this.#summary.append(icon(), this.#count)
    this.#menu.append(this.#summary, this.#list)
    this.#menu.addEventListener("toggle", () => this.#menu.open && void this.#open())
    this.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#menu.open = false
    })
  }

  connectedCallback(): void {
    this.replaceChildren(this.#menu)
    this.#tell(0)
    document.addEventListener("visibilitychange", this.#look)
    document.addEventListener("click", this.#close)
    this.#look()
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#look)
    document.removeEventListener("click", this.#close)
    clearInterval(this.#timer)
  }

  readonly #close = (event: Event): void => {
    if (!event.composedPath().includes(this)) this.#menu.open = false
  }

  /** What cannot be asked now is asked again; who is signed out, once they look at the page again. */
  readonly #look = (): void => {
    clearInterval(this.#timer)
    if (document.hidden) return
    this.#timer = window.setInterval(() => void this.#ask(), SECONDS * 1000)
    void this.#ask()
  }

  async #ask(): Promise<void> {
    try {
      const at = encodeURIComponent(location.pathname)
      this.#tell((await get<Notices>(`/api/notices/?count=1&at=${at}`)).unread)
    } catch (error) {
      if (error instanceof Refused && [401, 403].includes(error.status)) clearInterval(this.#timer)
    }
  }

  #tell(unread: number): void {
    this.#count.textContent = unread > 99 ? "99+" : number(unread)
    this.#count.hidden = !unread
    const words = unread ? plural(unread, "{n} new notice", "{n} new notices") : t("Notices")
    this.#summary.title = words
    this.#summary.ariaLabel = words
  }

  async #open(first?: Promise<void>): Promise<void> {
    try {
      await first
      const { unread, notices } = await get<Notices>("/api/notices/")
      this.#tell(unread)
      this.#list.replaceChildren(this.#head(unread), ...notices.map(row))
      if (!notices.length) this.#list.append(element("p", "bell-none", NOTHING))
    } catch (error) {
      this.#list.replaceChildren(element("p", "bell-none", (error as Error).message))
    }
  }

  #head(unread: number): HTMLElement {
    const head = element("div", "bell-head")
    head.append(element("b", "", t("Notices")))
    const all = Object.assign(element("button", "bell-all", t("Mark all as read")), { type: "button" })
    all.addEventListener("click", () => void this.#open(send("DELETE", "/api/notices/")))
    if (unread) head.append(all)
    return head
  }
}

const NOTHING = t(
  "When someone mentions you in a comment or answers you, assigns items to you or sends your work back, it stands here.",
)
const SAID = {
  mention: () => t("mentioned you"),
  answer: () => t("answered"),
  assigned: (n: number) => plural(n, "assigned {n} item to you", "assigned {n} items to you"),
  returned: (n: number) => plural(n, "sent {n} item back to you", "sent {n} items back to you"),
  asks: () => t("asks to join"),
  let_in: () => t("let you in"),
  declined: () => t("have not let you in"),
}

function row({ kind, by, text, item, items, project, at, read, address }: Notice): HTMLElement {
  const link = Object.assign(document.createElement("a"), { className: read ? "bell-row" : "bell-row is-new" })
  link.href = address
  const head = element("span", "bell-by")
  const name = element("b", "", by?.name ?? t("The managers"))
  head.append(name, ` ${SAID[kind](items ?? 1)} · ${ago(new Date(at), new Date())}`)
  link.append(head)
  if (text) link.append(element("span", "two-lines", text))
  link.append(element("span", "bell-where", item ? `${item} · ${project}` : project))
  for (const part of [name, ...link.children]) part.setAttribute("dir", "auto")
  return link
}

function element(name: string, className: string, words = ""): HTMLElement {
  return Object.assign(document.createElement(name), { className, textContent: words })
}

function icon(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", ICONS.bell)
  svg.append(path)
  return svg
}

customElements.define("notice-bell", NoticeBell)
