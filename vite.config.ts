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
    rollupOptions: { input: ["static/main.ts", "static/editor/main.ts"] },
  },
  test: { include: ["static/**/*.test.ts"] },
})
