/** The words of the browser's half. English stands in the code; a catalogue, as gettext writes it, replaces it. */

type Values = Readonly<Record<string, string | number>>

let catalogue: Readonly<Record<string, string | readonly string[]>> = {}
// Kept, as to make them takes longer than all else that a card needs.
let rules = new Intl.PluralRules("en")
let digits = new Intl.NumberFormat("en")

/** Use another language: sentences by their English, plurals as lists in the order of `Intl.PluralRules`' forms. */
export function useCatalogue(code: string, entries: typeof catalogue): void {
  rules = new Intl.PluralRules(code)
  digits = new Intl.NumberFormat(code)
  catalogue = entries
}

/** `t("{name} is here", { name })` */
export function t(english: string, values: Values = {}): string {
  const found = catalogue[english]
  return filled(typeof found === "string" ? found : english, values)
}

/** `plural(2, "{n} annotation", "{n} annotations")` */
export function plural(n: number, one: string, many: string, values: Values = {}): string {
  const found = catalogue[one]
  const form = ["one", "two", "few", "many", "other"].indexOf(rules.select(n))
  const text = Array.isArray(found)
    ? (found[Math.min(Math.max(form, 0), found.length - 1)] as string)
    : n === 1
      ? one
      : many
  return filled(text, { n: number(n), ...values })
}

export function number(value: number): string {
  return digits.format(value)
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))
}
