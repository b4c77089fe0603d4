import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { svelte } from "@sveltejs/vite-plugin-svelte"
import type { AtRule, Result, Root, Rule } from "postcss"
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

/** All words in what makes our pages: a class that is not among them is on none of them. */
const SOURCES = ["templates/**/*.html", "static/**/*.{ts,svelte}"]
const words = (path: string) => readFileSync(path, "utf8").split(/[^\w-]+/)

/** Of Tabler only the rules for classes that our pages have, a sixth: a browser reads and weighs all that it gets. */
const onlyUsed = () => {
  let used: Set<string>
  const isUsed = (selector: string) => {
    const outside = selector.replace(/\((?:[^()]|\([^()]*\))*\)/g, "") // what stands in :not() and :is() may be missing
    return [...outside.matchAll(/\.((?:[\w-]|\\.)+)/g)].every(([, name]) => used.has(name!))
  }
  const inFrames = ({ parent }: Rule) => parent?.type === "atrule" && (parent as AtRule).name.endsWith("keyframes")
  return {
    postcssPlugin: "only-used",
    Once(_: Root, { result }: { result: Result }) {
      used = new Set(globSync(SOURCES).flatMap(words))
      result.messages.push({
        type: "dir-dependency",
        plugin: "only-used",
        dir: resolve("templates"),
        glob: "**/*.html",
      })
    },
    Rule(rule: Rule) {
      if (!rule.source?.input.file?.includes("@tabler") || inFrames(rule)) return
      const kept = rule.selectors.filter(isUsed)
      if (!kept.length) rule.remove()
      else if (kept.length < rule.selectors.length) rule.selectors = kept
    },
  }
}

export default defineConfig({
  base: "/static/",
  publicDir: false,
  plugins: [svelte(), compressed],
  css: { postcss: { plugins: [onlyUsed()] } },
  build: {
    outDir: "static/dist",
    manifest: "manifest.json",
    assetsInlineLimit: 0, // the Content-Security-Policy lets no font or script come from a data: address
    chunkSizeWarningLimit: 1000, // kilobytes: deck.gl and Arrow, of which the map alone has need
    rolldownOptions: {
      input: [
        "static/early.ts",
        "static/main.ts",
        "static/editor/main.ts",
        "static/grid/main.ts",
        "static/confusion/main.ts",
        "static/pipelines/main.ts",
        "static/docs.ts",
      ],
      checks: { eval: false, pluginTimings: false }, // htmx holds an eval for hx-vars; we use none, and the policy forbids it
    },
  },
  test: { include: ["static/**/*.test.ts"], isolate: false }, // none leaves anything behind; anew for each file costs as much again
})
