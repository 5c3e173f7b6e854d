// Builds the no-access witness: node src/build-wasm-witness.ts <folder>, where
// `npm install --ignore-scripts @bytecodealliance/componentize-js@0.23.0` was run in <folder>. It brings some hundreds of
// MB, of which nothing else here has a need, so it is no dependency.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { describeWitness } from "./wasm-witness.ts";

const VERSION = "0.23.0";
const WASI = "0.2.12";

type Componentize = (options: {
  readonly sourcePath: string;
  readonly witPath: string;
  readonly worldName: string;
}) => Promise<{ readonly component: Uint8Array }>;

const fixtures = fileURLToPath(new URL("../fixtures/wasm/", import.meta.url));
const world = fileURLToPath(new URL("../../../packages/protocol/wit/plugin.wit", import.meta.url));

const [, , folder] = process.argv;
if (folder === undefined)
  throw new TypeError("Usage: build-wasm-witness.ts <folder with the tool>");
const tools = join(resolve(folder), "node_modules/@bytecodealliance");
const home = join(tools, "componentize-js");
const { version }: { version: string } = JSON.parse(
  readFileSync(join(home, "package.json"), "utf8"),
);
if (version !== VERSION)
  throw new Error(`componentize-js is there in ${version}, not in ${VERSION}`);

const wit = mkdtempSync(join(tmpdir(), "witness-"));
try {
  cpSync(join(fixtures, "witness.wit"), join(wit, "witness.wit"));
  cpSync(join(tools, "jco/lib/wit/builtin", WASI), join(wit, "deps"), { recursive: true });
  mkdirSync(join(wit, "deps/sigil-plugin"));
  cpSync(world, join(wit, "deps/sigil-plugin/plugin.wit"));
  const tool: { componentize: Componentize } = await import(
    pathToFileURL(join(home, "src/componentize.js")).href
  );
  const { component } = await tool.componentize({
    sourcePath: join(fixtures, "witness.js"),
    witPath: wit,
    worldName: "witness",
  });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  };
  writeFileSync(join(fixtures, "witness.wasm.br"), brotliCompressSync(component, { params }));
  const record = JSON.stringify(describeWitness(version), null, 2);
  writeFileSync(join(fixtures, "witness.json"), `${record}\n`);
} finally {
  rmSync(wit, { recursive: true });
}
