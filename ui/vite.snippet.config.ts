import { defineConfig } from "vite";

/** The web snippet: one plain script beside the event API, for sites of any age. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../src/enishi/sources/static",
    emptyOutDir: true,
    target: "es2018",
    lib: {
      entry: "snippet/enishi.ts",
      formats: ["iife"],
      name: "enishiSnippet",
      fileName: () => "enishi.js",
    },
  },
});
