/** Builds the app, and the page of the API's documentation, into dist/. `--mode mock` adds the simulated backend of dev/mock; otherwise /graphql and /api go to ASSENT_API. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const backend = process.env.ASSENT_API ?? "http://127.0.0.1:8400";

/** Copies Swagger UI beside its page, which stands in public/api-docs. */
function apiDocs(): Plugin {
  const files = ["swagger-ui-bundle.js", "swagger-ui.css"];
  return {
    name: "api-docs",
    apply: "build",
    async generateBundle() {
      for (const file of files) {
        const source = await readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`)));
        this.emitFile({ type: "asset", fileName: `api-docs/${file}`, source });
      }
    },
  };
}

export default defineConfig(async ({ mode }) => {
  const simulated = mode === "mock";
  const plugins = simulated ? [(await import("./dev/mock/plugin.ts")).simulatedBackend()] : [];
  return {
    plugins: [react(), tailwindcss(), apiDocs(), ...plugins],
    resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
    build: {
      target: "baseline-widely-available",
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      sourcemap: false,
    },
    server: simulated ? {} : { proxy: { "/graphql": { target: backend, ws: true }, "/api": { target: backend } } },
  };
});
