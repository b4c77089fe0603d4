/** The words of the browser's half. English stands in the code; a catalogue, as gettext writes it, replaces it. */

type Values = Readonly<Record<string, string | number>>

let catalogue: Readonly<Record<string, string | readonly string[]>> = {}
let language = "en"

/** Use another language: sentences by their English, plurals as lists in the order of `Intl.PluralRules`' forms. */
export function useCatalogue(code: string, entries: typeof catalogue): void {
  language = code
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
  const form = ["one", "two", "few", "many", "other"].indexOf(new Intl.PluralRules(language).select(n))
  const text = Array.isArray(found)
    ? (found[Math.min(Math.max(form, 0), found.length - 1)] as string)
    : n === 1
      ? one
      : many
  return filled(text, { n: number(n), ...values })
}

export function number(value: number): string {
  return value.toLocaleString(language)
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))
}
