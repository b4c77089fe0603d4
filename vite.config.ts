import { svelte } from "@sveltejs/vite-plugin-svelte"
import { defineConfig } from "vitest/config"

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [svelte()],
  build: {
    outDir: "static/dist",
    manifest: "manifest.json",
    assetsInlineLimit: 0, // the Content-Security-Policy lets no font or script come from a data: address
    rolldownOptions: {
      input: ["static/main.ts", "static/editor/main.ts"],
      checks: { eval: false, pluginTimings: false }, // htmx holds an eval for hx-vars; we use none, and the policy forbids it
    },
  },
  test: { include: ["static/**/*.test.ts"] },
})
