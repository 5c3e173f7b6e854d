import { parentPort } from "node:worker_threads";
import { readFile } from "node:fs/promises";

/** What the host wants translated. */
export interface TranslateOrder {
  readonly bytes: Uint8Array;
}

/** What came of it: glue and core modules, or why not. */
export type Translated =
  | {
      readonly kind: "translated";
      readonly glue: string;
      readonly modules: ReadonlyMap<string, Uint8Array>;
      readonly interfaces: readonly string[];
    }
  | { readonly kind: "no-peer" }
  | { readonly kind: "refused"; readonly reason: string };

const VERSION = "0.15.0";

parentPort?.on("message", (order: TranslateOrder) => {
  void answer(order);
});

async function answer({ bytes }: TranslateOrder): Promise<void> {
  const translated = await translate(bytes);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
  parentPort?.postMessage(translated);
}

async function translate(bytes: Uint8Array): Promise<Translated> {
  const transpile = await loadPeer();
  if (transpile === undefined) return { kind: "no-peer" };
  try {
    const { files, imports } = await transpile(bytes, {
      name: "plugin",
      instantiation: "async",
      emitTypescriptDeclarations: false,
      nodejsCompat: false,
      base64Cutoff: 0,
    });
    const entries = Object.entries(files);
    const glue = new TextDecoder().decode(files["plugin.js"]);
    const modules = new Map(entries.filter(([name]) => name.endsWith(".wasm")));
    return { kind: "translated", glue, modules, interfaces: imports };
  } catch (error) {
    return { kind: "refused", reason: String(error).slice(0, 1_000) };
  }
}

type Transpile = (
  bytes: Uint8Array,
  options: Readonly<Record<string, unknown>>,
) => Promise<{ readonly files: Record<string, Uint8Array>; readonly imports: readonly string[] }>;

/** The one exact version of the translator whose glue was examined; any other is as good as none. */
async function loadPeer(): Promise<Transpile | undefined> {
  try {
    const entry = import.meta.resolve("@bytecodealliance/jco-transpile");
    const home = new URL("../package.json", entry);
    const { version }: { version?: unknown } = JSON.parse(await readFile(home, "utf8"));
    if (version !== VERSION) return undefined;
    const { transpileBytes } = await import("@bytecodealliance/jco-transpile");
    return transpileBytes;
  } catch {
    return undefined;
  }
}
