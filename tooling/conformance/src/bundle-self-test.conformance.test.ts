import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  extractBundle,
  inspectBundle,
  packBundle,
  selfTest,
  type SelfTestOptions,
  type SelfTestOutcome,
} from "@sigilrt/bundle";
import { digestFiles, digestTree } from "@sigilrt/integrity";
import { createSandbox, type Sandbox, type SandboxOptions } from "@sigilrt/sandbox";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sandboxedRun } from "./sandboxed-run.ts";

let root: string;
let sandbox: Sandbox | undefined;

const optionsOf = (changes: Partial<SandboxOptions> = {}): SandboxOptions => ({
  runtimeDirectory: join(root, "run"),
  onViolation: async () => undefined,
  ...(process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {}),
  ...changes,
});
const filesOf = (texts: Readonly<Record<string, string>>): { path: string; content: Buffer }[] =>
  Object.entries(texts).map(([path, text]) => ({ path, content: Buffer.from(text) }));

/** Packs a plugin with a test, extracts it and runs what it declares. */
async function tested(
  program: string,
  changes: Partial<SelfTestOptions> = {},
): Promise<SelfTestOutcome & { readonly stdout: string; readonly path: string }> {
  const files = filesOf({
    "plugin.yaml": "name: demo\n",
    "index.mjs": "console.log('loaded');\nsetInterval(() => undefined, 1000);\n",
    "test.mjs": program,
  });
  const tree = await extractBundle(packBundle(files), join(root, "tree"));
  if (!tree.ok) throw new Error(tree.rejection.kind);
  // The folder is its owner's alone; the sandbox runs as someone else.
  await chmod(tree.path, 0o755);
  const outcome = await selfTest(tree, {
    run: sandboxedRun(async () => (sandbox ??= await createSandbox(optionsOf()))),
    declared: { imports: ["index.mjs"], command: ["node", "test.mjs"] },
    steps: ["tests"],
    timeoutMs: 60_000,
    maxOutputBytes: 100_000,
    ...changes,
  });
  const stdout = Buffer.from(outcome.evidence.stdout).toString();
  expect(await digestTree(tree.path)).toMatchObject({ ok: true, digest: tree.digest });
  return { ...outcome, stdout, path: tree.path };
}

beforeEach(async () => {
  root = await mkdtemp(join(await realpath(tmpdir()), "self-"));
  await chmod(root, 0o711);
  await mkdir(join(root, "run"), { mode: 0o711 });
});
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
  await rm(root, { recursive: true });
});

describe("a bundle", () => {
  it("has the digest that integrity gives its files, and its folder once it is extracted", async () => {
    const files = filesOf({ "plugin.yaml": "name: demo\n", "😀.md": "1", "～.md": "2" });
    const bundle = packBundle(files);
    const { digest } = inspectBundle(bundle) as { readonly digest: string };
    expect(digestFiles(files)).toMatchObject({ ok: true, digest });
    await extractBundle(bundle, join(root, "tree"));
    expect(await digestTree(join(root, "tree"))).toMatchObject({ ok: true, digest });
  });

  it("is tested as its README shows", () => {
    const readme = readFileSync(
      new URL("../../../packages/bundle/README.md", import.meta.url),
      "utf8",
    );
    const shown = readFileSync(new URL("sandboxed-run.ts", import.meta.url), "utf8");
    expect(readme).toContain(`\`\`\`ts\n${shown}\`\`\``);
  });
});

describeWith(["bwrap", "prlimit"], "the self-test of a bundle in the sandbox", () => {
  it("loads the modules, then runs the tests in the tree, with a scratch folder", async () => {
    const outcome = await tested(
      `import { writeFileSync } from "node:fs";
       writeFileSync(process.env.TMPDIR + "/cache", "kept nowhere");
       console.log(process.cwd());
       console.error("fine");`,
      { steps: ["imports", "tests"] },
    );
    expect(outcome).toMatchObject({ ok: true, stdout: "loaded\n/plugin\n" });
    expect(Buffer.from(outcome.evidence.stderr).toString()).toBe("fine\n");
  });

  it("names the module that does not load", async () => {
    const declared = { imports: ["index.mjs", "absent.mjs"] };
    expect(await tested("", { declared, steps: ["imports"] })).toMatchObject({
      ok: false,
      rejection: { kind: "self_test_failed", step: "imports", module: "absent.mjs", exitCode: 1 },
    });
  });

  it("lets no test write into the tree", async () => {
    const outcome = await tested(
      `import { writeFileSync } from "node:fs";
       try { writeFileSync("cache", ""); } catch (error) { console.log(error.code); process.exit(5); }`,
    );
    expect(outcome).toMatchObject({ ok: false, stdout: "EROFS\n", rejection: { exitCode: 5 } });
  });

  it("ends a test that never ends", async () => {
    const outcome = await tested(
      "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);",
      { timeoutMs: 1_000 },
    );
    expect(outcome).toMatchObject({ ok: false, rejection: { kind: "self_test_timeout" } });
  });

  it("ends a test that floods its output", async () => {
    const outcome = await tested("for (;;) process.stdout.write('x'.repeat(60_000));");
    expect(outcome).toMatchObject({
      ok: false,
      rejection: { kind: "self_test_failed", reason: "output-too-large" },
    });
    expect(outcome.stdout).toBe("x".repeat(100_000));
  });

  it("gives a test no network and none of our variables", async () => {
    let heard = 0;
    const server = createServer(() => (heard += 1)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    process.env["BUNDLE_SECRET"] = "secret";
    const outcome = await tested(
      `import { connect } from "node:net";
       console.log(Object.keys(process.env).includes("BUNDLE_SECRET"));
       const socket = connect(${port}, "127.0.0.1");
       socket.on("connect", () => process.exit(0));
       socket.on("error", (error) => { console.log(error.code); process.exit(6); });`,
    );
    delete process.env["BUNDLE_SECRET"];
    server.close();
    expect(outcome).toMatchObject({
      ok: false,
      stdout: "false\nECONNREFUSED\n",
      rejection: { kind: "self_test_failed", exitCode: 6 },
    });
    expect(heard).toBe(0);
  });

  it("fails without a sandbox, and runs nothing", async () => {
    const bwrap = join(root, "absent");
    const run = sandboxedRun(() => createSandbox(optionsOf({ bwrap })));
    await expect(tested("", { run })).rejects.toThrow(
      expect.objectContaining({ name: "BundleError", code: "SANDBOX_UNAVAILABLE" }),
    );
  });
});
