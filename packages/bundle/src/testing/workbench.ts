import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BundleFile,
  type BundleRejection,
  extractBundle,
  type ExtractedBundle,
  inspectBundle,
  type InspectOptions,
  packBundle,
  type SandboxedRun,
  selfTest,
  type SelfTestOptions,
  type SelfTestOutcome,
} from "@sigilrt/bundle";

/** An archive and exactly the refusal that it must get. */
export type HostileCase = readonly [what: string, archive: Uint8Array, rejection: BundleRejection];

/** Files by path and text. */
export function files(texts: Readonly<Record<string, string>>): readonly BundleFile[] {
  return Object.entries(texts).map(([path, text]) => ({
    path,
    content: new TextEncoder().encode(text),
  }));
}

/** The files of a small plugin. */
export const plugin = files({ "plugin.yaml": "name: demo\n", "src/index.js": "export {};\n" });

/** Why an archive is refused; `undefined` when it passes. */
export function rejectionOf(
  archive: Uint8Array,
  options?: InspectOptions,
): BundleRejection | undefined {
  const verdict = inspectBundle(archive, options);
  return verdict.ok ? undefined : verdict.rejection;
}

/** A temporary folder that is removed at the end. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "bundle-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Extracts the plugin into a folder. */
export async function extractPlugin(folder: string): Promise<ExtractedBundle> {
  const outcome = await extractBundle(packBundle(plugin), join(folder, "tree"));
  if (!outcome.ok) throw new Error(outcome.rejection.kind);
  return outcome;
}

/** Tests the plugin with a runner that pretends to be a sandbox. */
export async function testPlugin(
  tree: ExtractedBundle,
  run: SandboxedRun,
  changes: Partial<SelfTestOptions> = {},
): Promise<SelfTestOutcome> {
  const declared = { imports: ["src/index.js"], command: ["node", "test.js"] } as const;
  const limits = { timeoutMs: 60_000, maxOutputBytes: 1_000 };
  return selfTest(tree, { run, declared, steps: ["tests"], ...limits, ...changes });
}

/** Resolves when a signal aborts, as a runner does that kills its program. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise;
}
