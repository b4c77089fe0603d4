import { defineConfig } from "vitest/config"

/** For tests/test_live_in_node.py, which starts the server and says where it is. */
export default defineConfig({ test: { include: ["static/live/testing/against-server.ts"] } })
