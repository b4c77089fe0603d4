/** The description of the API: Swagger's page in our colours, light or dark as the others. */

import "./ui/look.css"
import "./docs.css"
import { startTheme, theme } from "./ui/theme"

const root = document.documentElement
const follow = () => root.classList.toggle("dark-mode", theme() === "dark")

startTheme()
follow()
new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] })
