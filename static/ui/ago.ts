/** How long ago, in few letters. */

import { t } from "./strings"

/** "now", "4 min", "14:32" today, "3 Mar" before. */
export function ago(at: Date, now: Date, locale?: string): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000)
  if (minutes < 1) return t("now")
  if (minutes < 60) return t("{minutes} min", { minutes })
  if (at.toDateString() === now.toDateString())
    return at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })
  return at.toLocaleDateString(locale, { day: "numeric", month: "short" })
}
