/** Builds the app into dist/. `--mode mock` adds the simulated backend of dev/mock; otherwise /graphql and /api go to ASSENT_API. */
import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backend = process.env.ASSENT_API ?? "http://127.0.0.1:8400";

export default defineConfig(async ({ mode }) => {
  const simulated = mode === "mock";
  const plugins = simulated ? [(await import("./dev/mock/plugin.ts")).simulatedBackend()] : [];
  return {
    plugins: [react(), tailwindcss(), ...plugins],
    resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
    build: {
      target: "baseline-widely-available",
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      sourcemap: false,
    },
    server: simulated ? {} : { proxy: { "/graphql": { target: backend, ws: true }, "/api": { target: backend } } },
  };
});
