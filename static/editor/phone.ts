import { MediaQuery } from "svelte/reactivity"

/** Is the page as narrow as a phone? `phone.current` */
export const phone = new MediaQuery("max-width: 767px")
