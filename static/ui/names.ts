const UNSEEN = /[\p{Cc}\p{Cf}\p{Z}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\ufe00-\ufe0f]/gu

const LONGEST = 24

/** A name where there is little room. */
export function short(name: string): string {
  if (name.length <= LONGEST) return name
  const letters = [...new Intl.Segmenter().segment(name)]
  return letters.length > LONGEST ? `${name.slice(0, letters[LONGEST - 1]?.index).trimEnd()}…` : name
}

/** Two letters for a name, as the server makes them (projects/names.py). A flag is two characters. */
export function initials(name: string): string {
  const words = name
    .normalize("NFC")
    .split(/\s+/)
    .map((word) => word.replace(UNSEEN, ""))
    .filter(Boolean)
  const chosen = words.length > 1 ? [words[0] ?? "", words.at(-1) ?? ""] : words
  return chosen
    .map((word) => /^\p{RI}{2}|./u.exec(word)?.[0] ?? "")
    .join("")
    .toUpperCase()
}
