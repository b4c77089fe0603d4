/** Two letters for a name, as the server makes them (projects/models.py). */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const chosen = words.length > 1 ? [words[0] ?? "", words.at(-1) ?? ""] : words
  return chosen
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase()
}
