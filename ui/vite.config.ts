import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    outDir: "../src/enishi/web/static",
    emptyOutDir: true,
    assetsDir: "assets",
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ["/api", "/m/"].map((path) => [
        path,
        { target: process.env.ENISHI_API ?? "http://localhost:8000" },
      ]),
    ),
  },
  test: { include: ["src/**/*.test.ts", "tests/**/*.test.ts"] },
});
