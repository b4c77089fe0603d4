/** The roles that the browser asks about, as the server counts them. */

export const ANNOTATOR = 20
export const REVIEWER = 30
export const MANAGER = 40
