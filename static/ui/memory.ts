/** What is kept in this browser between visits. Some browsers forbid it: then nothing is, and all else works. */

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // it is forgotten
  }
}
