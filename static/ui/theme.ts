/** Light or dark: what the person chose, else what their system says. */

import { remember, remembered } from "./memory"

export type Theme = "light" | "dark"

const KEY = "theme"

export function theme(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light"
}

export function otherTheme(): Theme {
  return theme() === "dark" ? "light" : "dark"
}

export function setTheme(chosen: Theme): void {
  remember(KEY, chosen)
  show(chosen)
}

export function startTheme(): void {
  const system = matchMedia("(prefers-color-scheme: dark)")
  const current = (): Theme => (remembered(KEY) as Theme | null) ?? (system.matches ? "dark" : "light")
  show(current())
  system.addEventListener("change", () => show(current()))
}

/** Each `[data-theme-switch]` of the page. */
export function startThemeSwitch(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-theme-switch]")) setTheme(otherTheme())
  })
}

function show(shown: Theme): void {
  const root = document.documentElement
  root.dataset.theme = root.dataset.bsTheme = shown
}
