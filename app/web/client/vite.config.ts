import { defineConfig } from "vite";

// Built by scripts/web into app/web/dist, which bookd carries inside itself.
export default defineConfig({
  base: "/admin/",
  build: {
    outDir: "../dist",
    assetsDir: "assets",
    emptyOutDir: false, // scripts/web keeps the previous release's files
    target: "es2022",
    assetsInlineLimit: 0, // the policy of the pages allows nothing inline
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
