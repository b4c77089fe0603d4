/** Keys as words ("Mod+Shift+Z", "R", "?"): which one an event means. */

import type { Label } from "./contract"

export interface KeyPress {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

/** The letters, digits and signs of the actions, no more and no fewer; a label's hotkey gives way to them. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set("DFGHJKPRSTV0?+=-")

/** What the event may be called, best first: what is printed on the key, then where the key is (for other alphabets). */
export function namesOf(event: KeyPress): string[] {
  const mod = event.ctrlKey || event.metaKey ? "Mod+" : ""
  const alt = event.altKey ? "Alt+" : ""
  const shift = event.shiftKey ? "Shift+" : ""
  const printed = event.key.length === 1 ? event.key.toUpperCase() : event.key
  const place = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1]
  // A sign such as "?" takes Shift on some keyboards and not on others; letters, digits and named keys say it.
  const sign = printed.length === 1 && !/[\p{L}\p{N}]/u.test(printed)
  const names = [`${mod}${alt}${sign ? "" : shift}${printed}`]
  if (place && place !== printed) names.push(`${mod}${alt}${shift}${place}`)
  return names
}

/** Is the person typing, so that keys are text? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type)
}

/** Does the control with the focus use this key itself? */
export function isOwnKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false
  if (key === "Enter" || key === " ") return target.closest("button, a, summary, input, [role=option]") !== null
  return key.startsWith("Arrow") && target.closest("[role=tablist], [role=radiogroup], [role=listbox]") !== null
}

/** The key of each label: its hotkey, unless an action or an earlier label has it. Labels are served in their order. */
export function labelKeys(labels: readonly Label[], taken: ReadonlySet<string>): Map<number, string> {
  const keys = new Map<number, string>()
  const used = new Set(taken)
  for (const label of labels) {
    const own = label.hotkey.toUpperCase()
    if (!own || used.has(own)) continue
    used.add(own)
    keys.set(label.id, own)
  }
  return keys
}
