import { WIT_VERSIONS } from "@sigilrt/protocol";
import { WasmError } from "./wasm-error.ts";

const interfaces = [
  "capability",
  "clock",
  "config",
  "http",
  "kv",
  "log",
  "progress",
  "random",
  "types",
];

const versions: readonly string[] = WIT_VERSIONS;

/** Interfaces of the world, which the host answers. */
const offered = new Set(
  versions.flatMap((version) => interfaces.map((name) => `sigil:plugin/${name}@${version}`)),
);

/** Interfaces of WASI 0.2 that are answered without a machine behind them. */
const virtual = new Set(
  [
    ["cli", "environment exit stdin stdout stderr"],
    ["cli", "terminal-input terminal-output terminal-stdin terminal-stdout terminal-stderr"],
    ["clocks", "monotonic-clock wall-clock"],
    ["filesystem", "preopens types"],
    ["http", "outgoing-handler types"],
    ["io", "error poll streams"],
    ["random", "insecure insecure-seed random"],
    ["sockets", "instance-network ip-name-lookup network"],
    ["sockets", "tcp tcp-create-socket udp udp-create-socket"],
  ].flatMap(([home = "", names = ""]) => names.split(" ").map((name) => `wasi:${home}/${name}`)),
);

/** Whether an import is one of WASI 0.2, whatever its patch version. */
function isVirtual(name: string): boolean {
  const [, plain = ""] = /^(.+)@0\.2\.\d{1,4}$/u.exec(name) ?? [];
  return virtual.has(plain);
}

/** The interface that a plugin exports, in each version. */
const tools = versions.map((version) => `sigil:plugin/tool@${version}`);

/**
 * Refuses a component that imports what nobody offers or exports no tools, and answers the name of the exported tools.
 *
 * @throws {@link WasmError} `IMPORT_REFUSED`, `EXPORT_MISSING`
 */
export function expectWorld(imports: readonly string[], exports: readonly string[]): string {
  const foreign = imports.findIndex((name) => !offered.has(name) && !isVirtual(name));
  if (foreign >= 0) {
    throw new WasmError(
      "IMPORT_REFUSED",
      "load",
      `Cannot load a component: import ${foreign} is outside sigil:plugin and WASI 0.2; build it for the world tool-plugin`,
    );
  }
  const tool = tools.find((name) => exports.includes(name));
  if (tool !== undefined) return tool;
  throw new WasmError(
    "EXPORT_MISSING",
    "load",
    "Cannot load a component: it exports no tools of sigil:plugin; build it for the world tool-plugin",
  );
}
