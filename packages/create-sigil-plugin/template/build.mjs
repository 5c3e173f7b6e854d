// Lays out in bundle/ what is packed: the plugin as it runs, with all that it imports, and its manifest.
import { cpSync, rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("bundle", { recursive: true, force: true });
await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  // The services of the SDK load while the host connects, so they stay files of their own.
  splitting: true,
  outdir: "bundle",
  outExtension: { ".js": ".mjs" },
  legalComments: "inline",
});
cpSync("plugin.yaml", "bundle/plugin.yaml");
