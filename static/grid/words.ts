/** What statuses and orders are called. */

import { number, plural, t } from "../ui/strings"
import type { Deed, Done, Sort, Status, WouldMove } from "./contract"

export const SORTS: readonly { value: Sort; name: string }[] = [
  { value: "oldest", name: t("Oldest first") },
  { value: "newest", name: t("Newest first") },
  { value: "name", name: t("By name") },
  { value: "status", name: t("By status") },
]

/** What was done, and what was not and why. */
export function told(deed: Deed, { done, refused, suggestions = 0 }: Done): string {
  const left = refused.map(({ detail, items }) => `${number(items.length)}: ${detail}`)
  return [
    done.length || !left.length ? whatWasDone(deed, done.length, suggestions) : t("Nothing was changed."),
    ...left,
  ].join(" ")
}

function whatWasDone(deed: Deed, n: number, suggestions: number): string {
  switch (deed.type) {
    case "status":
      return whichStatus(deed.status, n)
    case "tag":
      return plural(n, "{n} item was tagged.", "{n} items were tagged.")
    case "untag":
      return plural(n, "The tag was taken off {n} item.", "The tag was taken off {n} items.")
    case "relabel":
      return plural(n, "{n} item has another label.", "{n} items have another label.")
    case "unsure":
      return plural(n, "{n} item was sent to review.", "{n} items were sent to review.")
    case "accept":
      return plural(suggestions, "{n} suggestion was accepted.", "{n} suggestions were accepted.")
    case "reject":
      return plural(suggestions, "{n} suggestion was rejected.", "{n} suggestions were rejected.")
    case "assign":
      return deed.person === null
        ? plural(n, "{n} item is anyone's now.", "{n} items are anyone's now.")
        : plural(n, "{n} item is assigned.", "{n} items are assigned.")
    case "move":
      return plural(n, "{n} item was moved.", "{n} items were moved.")
    case "trash":
      return plural(n, "{n} item is in the trash.", "{n} items are in the trash.")
    case "undo":
      return plural(n, "{n} item is as it was before.", "{n} items are as they were before.")
  }
}

/** What moving would come to, a sentence each; `warn` is what does not come along. */
export function wouldMove(told: WouldMove): { text: string; warn: boolean }[] {
  const { items, annotations, comments, made, widened, lost, opened, predictions, refused } = told
  const lines = [
    items
      ? t("{annotations}, {comments} and the history come along.", {
          annotations: plural(annotations, "{n} annotation", "{n} annotations"),
          comments: plural(comments, "{n} comment", "{n} comments"),
        })
      : t("None of them can be moved."),
    made.length ? t("Labels that are made there: {names}.", { names: made.join(", ") }) : "",
    widened.length ? t("Labels that take further shapes there: {names}.", { names: widened.join(", ") }) : "",
  ]
  const warnings = [
    ...lost.map(({ label, attribute, values }) =>
      plural(
        values,
        "{n} value of {attribute} does not fit {label} there.",
        "{n} values of {attribute} do not fit {label} there.",
        {
          attribute,
          label,
        },
      ),
    ),
    opened ? plural(opened, "{n} item is anyone's there.", "{n} items are anyone's there.") : "",
    predictions ? plural(predictions, "{n} prediction stays behind.", "{n} predictions stay behind.") : "",
    refused
      ? plural(
          refused,
          "{n} item stays: someone is at it, or it is gone.",
          "{n} items stay: someone is at them, or they are gone.",
        )
      : "",
  ]
  const said = (warn: boolean) => (text: string) => (text ? [{ text, warn }] : [])
  return [...lines.flatMap(said(false)), ...warnings.flatMap(said(true))]
}

function whichStatus(status: Status, n: number): string {
  if (status === "accepted") return plural(n, "{n} item is accepted.", "{n} items are accepted.")
  if (status === "returned") return plural(n, "{n} item was sent back.", "{n} items were sent back.")
  if (status === "done") return plural(n, "{n} item is done.", "{n} items are done.")
  if (status === "skipped") return plural(n, "{n} item was skipped.", "{n} items were skipped.")
  return plural(n, "{n} item is to do.", "{n} items are to do.")
}
