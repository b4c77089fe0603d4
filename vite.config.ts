import { gzipSync } from "node:zlib"
import { svelte } from "@sveltejs/vite-plugin-svelte"
import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"

/** Beside each script and style its compressed copy, which WhiteNoise sends to whoever takes it. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(fileName)) continue
        const source = gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 })
        this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source })
      }
    },
  },
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [svelte(), compressed],
  build: {
    outDir: "static/dist",
    manifest: "manifest.json",
    assetsInlineLimit: 0, // the Content-Security-Policy lets no font or script come from a data: address
    rolldownOptions: {
      input: ["static/early.ts", "static/main.ts", "static/editor/main.ts", "static/grid/main.ts"],
      checks: { eval: false, pluginTimings: false }, // htmx holds an eval for hx-vars; we use none, and the policy forbids it
    },
  },
  test: { include: ["static/**/*.test.ts"] },
})
