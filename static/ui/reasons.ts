/** Reasons that one need not write. */

import { t } from "./strings"

export const REASONS = {
  skipped: [t("Nothing to label here"), t("Cannot be read or seen"), t("The guidelines do not cover it")],
  returned: [t("Something is missing"), t("A label is wrong"), t("Edges are not exact")],
} as const
