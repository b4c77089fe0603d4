/** The roles that the editor asks about, as the server counts them. */

export const ANNOTATOR = 20
export const REVIEWER = 30
