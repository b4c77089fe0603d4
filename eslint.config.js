import js from "@eslint/js"
import svelte from "eslint-plugin-svelte"
import globals from "globals"
import ts from "typescript-eslint"

export default ts.config(
  { ignores: ["static/dist", "static/live/messages.gen.ts"] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  {
    languageOptions: { globals: globals.browser, parserOptions: { extraFileExtensions: [".svelte"] } },
    rules: {
      "no-undef": "off", // TypeScript looks after names
      "@typescript-eslint/no-non-null-assertion": "off",
      "svelte/prefer-svelte-reactivity": "off", // sets and maps that are replaced whole need none of their own
      "svelte/no-navigation-without-resolve": "off", // the pages' addresses are Django's
    },
  },
  { files: ["**/*.svelte", "**/*.svelte.ts"], languageOptions: { parserOptions: { parser: ts.parser } } },
)
