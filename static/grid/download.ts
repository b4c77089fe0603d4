/** The buttons that download and find ask for what is chosen, or else what fits the filters: the grid alone knows them. */

/** Returns what lets go. */
export function startDownloading(shown: () => URLSearchParams): () => void {
  const ask = (event: Event): void => {
    const { elt, parameters } = (event as CustomEvent<{ elt: Element; parameters: Record<string, string> }>).detail
    if (elt.matches("[data-opens=download], [data-finds]")) Object.assign(parameters, Object.fromEntries(shown()))
  }
  document.addEventListener("htmx:configRequest", ask)
  return () => document.removeEventListener("htmx:configRequest", ask)
}
