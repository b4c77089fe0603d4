/** How a keyboard of this kind writes a key. */

const onMac = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.platform)

/** "Mod+Shift+Z" as "Ctrl Shift Z", or "⌘⇧Z". */
export function written(key: string, mac = onMac): string {
  const words: Record<string, string> = mac
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "⏎", Escape: "esc", Backspace: "⌫", Delete: "⌦" }
    : { Mod: "Ctrl", Enter: "⏎", Escape: "Esc", Delete: "Del" }
  const arrows: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" }
  const parts = key === "+" ? ["+"] : key.split("+").map((part) => part || "+")
  return parts.map((part) => words[part] ?? arrows[part] ?? part).join(mac ? "" : " ")
}
