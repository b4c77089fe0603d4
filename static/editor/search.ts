/** What has all the words of a query in its title; where they begin words comes first. */
export function search<T extends { title: string }>(choices: readonly T[], query: string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return choices
    .map((choice) => ({ choice, rank: rank(choice.title.toLowerCase(), words) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ choice }) => choice)
}

/** How many words begin a word of the title; below zero when one is missing. */
function rank(title: string, words: readonly string[]): number {
  let begins = 0
  for (const word of words) {
    if (!title.includes(word)) return -1
    if (` ${title}`.includes(` ${word}`)) begins += 1
  }
  return begins
}
