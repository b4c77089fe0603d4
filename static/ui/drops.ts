/** Files dropped on a page, wherever on it: untended, the browser would leave the page and show them. */

/** `over` hears when files come above the page, and when they are gone. What a field has taken for itself is left to it. */
export function startDropping(
  take: (items: DataTransferItemList) => void,
  over: (inside: boolean) => void = () => undefined,
): () => void {
  const listening = new AbortController()
  let depth = 0
  const move = (change: number): void => {
    depth = Math.max(0, depth + change)
    over(depth > 0)
  }
  const on = (type: "dragenter" | "dragleave" | "dragover" | "drop", run: (event: DragEvent) => void): void =>
    document.addEventListener(type, (event) => event.dataTransfer?.types.includes("Files") && run(event), listening)
  on("dragenter", () => move(1))
  on("dragleave", () => move(-1))
  on("dragover", (event) => event.preventDefault())
  on("drop", (event) => {
    move(-depth)
    if (event.defaultPrevented) return
    event.preventDefault()
    take(event.dataTransfer!.items)
  })
  return () => listening.abort()
}
