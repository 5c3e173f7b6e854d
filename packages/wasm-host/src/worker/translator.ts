import { readFile } from "node:fs/promises";

/** What the translator makes of a component, or why it makes nothing. */
export type Translation =
  | {
      readonly kind: "translated";
      readonly glue: string;
      readonly modules: ReadonlyMap<string, Uint8Array>;
    }
  | { readonly kind: "no-peer" }
  | { readonly kind: "untranslatable"; readonly reason: string };

const VERSION = "0.15.0";

/** Turns a component that the guard let pass into JavaScript and core modules. */
export async function translate(bytes: Uint8Array): Promise<Translation> {
  const transpile = await loadPeer();
  if (transpile === undefined) return { kind: "no-peer" };
  try {
    const { files } = await transpile(bytes, {
      name: "plugin",
      instantiation: "async",
      emitTypescriptDeclarations: false,
      nodejsCompat: false,
      base64Cutoff: 0,
    });
    const entries = Object.entries(files);
    const glue = new TextDecoder().decode(files["plugin.js"]);
    const modules = new Map(entries.filter(([name]) => name.endsWith(".wasm")));
    return { kind: "translated", glue, modules };
  } catch (error) {
    return { kind: "untranslatable", reason: String(error).slice(0, 1_000) };
  }
}

type Transpile = (
  bytes: Uint8Array,
  options: Readonly<Record<string, unknown>>,
) => Promise<{ readonly files: Record<string, Uint8Array> }>;

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
