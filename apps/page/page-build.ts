import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const notice = "/*! Contains Preact, copyright 2015-present Jason Miller, MIT License */";

/** Builds the page from its sources and answers its files by name. */
export async function buildPage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("src/main.tsx", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    charset: "ascii",
    banner: { js: notice },
    absWorkingDir: fileURLToPath(new URL("./", import.meta.url)),
    outfile: fileURLToPath(new URL("built/page.js", import.meta.url)),
    write: false,
    logLevel: "silent",
  });
  const [script] = outputFiles;
  if (!script) throw new Error("Cannot build the page: the bundler wrote nothing");
  const still = ["page.html", "page.css", "icon.svg"].map(
    async (name): Promise<[string, Uint8Array]> => [
      name,
      await readFile(new URL(`src/static/${name}`, import.meta.url)),
    ],
  );
  return new Map([["page.js", script.contents], ...(await Promise.all(still))]);
}
