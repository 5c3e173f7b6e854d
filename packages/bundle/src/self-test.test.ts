import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ExtractedBundle,
  type SandboxedCommand,
  type SandboxedRun,
  type SelfTestOptions,
} from "@sigilrt/bundle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aborted, extractPlugin, temporaryFolder, testPlugin } from "./testing/workbench.ts";

let folder: ReturnType<typeof temporaryFolder>;
let tree: ExtractedBundle;
const passed = { code: 0, signal: null } as const;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A runner that notes what it was asked to run. */
function recorder(work: (command: SandboxedCommand) => void = () => undefined): {
  readonly seen: SandboxedCommand[];
  readonly run: SandboxedRun;
} {
  const seen: SandboxedCommand[] = [];
  return {
    seen,
    run: async (command) => {
      seen.push(command);
      work(command);
      return passed;
    },
  };
}

beforeEach(async () => {
  folder = temporaryFolder();
  tree = await extractPlugin(folder.path);
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describe("selfTest", () => {
  it("runs each import by itself, then the tests, all on the tree", async () => {
    const { seen, run } = recorder();
    const declared = { imports: ["a.js", "-b.js"], command: ["node", "--test"] } as const;
    const outcome = await testPlugin(tree, run, { declared, steps: ["imports", "tests"] });
    expect(outcome).toMatchObject({ ok: true, evidence: { digest: tree.digest } });
    expect(outcome.evidence.steps).toEqual([
      { step: "imports", outcome: "passed", exitCode: 0, durationMs: expect.any(Number) },
      { step: "tests", outcome: "passed", exitCode: 0, durationMs: expect.any(Number) },
    ]);
    expect(seen.map(({ command }) => [command[0], ...command.slice(-2)])).toEqual([
      ["node", "--", "a.js"],
      ["node", "--", "-b.js"],
      ["node", "node", "--test"],
    ]);
    expect(seen.map((command) => command.tree)).toEqual([tree.path, tree.path, tree.path]);
  });

  it("answers what was printed byte for byte, with its digests", async () => {
    const { run } = recorder(({ output }) => {
      const chunk = Buffer.from("ok \u001B[0m\0");
      output("stdout", chunk);
      chunk.fill(0);
      output("stderr", Uint8Array.of(0xff));
      output("stdout", Buffer.from("done"));
    });
    const { evidence } = await testPlugin(tree, run);
    expect(Buffer.from(evidence.stdout).toString()).toBe("ok \u001B[0m\0done");
    expect(evidence.stderr).toEqual(Uint8Array.of(0xff));
    expect(evidence.stdoutSha256).toBe(sha256("ok \u001B[0m\0done"));
    expect(evidence.stderrSha256).toBe(createHash("sha256").update(evidence.stderr).digest("hex"));
  });

  it("stops at the first program that does not end with 0", async () => {
    const codes: (number | null)[] = [0, 7, 0];
    const run: SandboxedRun = async ({ output }) => {
      output("stderr", Buffer.from("x"));
      return { code: codes.shift() ?? null, signal: null };
    };
    const declared = { imports: ["a.js", "b.js", "c.js"], command: ["node"] } as const;
    const outcome = await testPlugin(tree, run, { declared, steps: ["imports", "tests"] });
    expect(outcome).toMatchObject({
      ok: false,
      rejection: {
        kind: "self_test_failed",
        step: "imports",
        module: "b.js",
        reason: "exit-code",
        exitCode: 7,
        signal: null,
        stdoutSha256: sha256(""),
        stderrSha256: sha256("xx"),
      },
      evidence: { steps: [{ step: "imports", outcome: "self_test_failed", exitCode: 7 }] },
    });
    expect(codes).toEqual([0]);
  });

  it("does not take a signal for a pass", async () => {
    const outcome = await testPlugin(tree, async () => ({ code: null, signal: "SIGSEGV" }));
    expect(outcome).toMatchObject({
      ok: false,
      rejection: { kind: "self_test_failed", reason: "signal", exitCode: null, signal: "SIGSEGV" },
    });
  });

  it("ends a program that prints more than it may, and keeps what fits", async () => {
    const run: SandboxedRun = async ({ output, signal }) => {
      while (!signal.aborted) output("stdout", Buffer.from("flood "));
      return passed;
    };
    const outcome = await testPlugin(tree, run, { maxOutputBytes: 100 });
    expect(outcome).toMatchObject({
      ok: false,
      rejection: { kind: "self_test_failed", reason: "output-too-large" },
    });
    expect(Buffer.from(outcome.evidence.stdout).toString()).toBe("flood ".repeat(17).slice(0, 100));
  });

  it.each([
    ["ends", () => passed],
    ["fails", () => Promise.reject(new Error("killed"))],
  ])("ends a program that never ends, also when the runner %s by it", async (_what, end) => {
    const run: SandboxedRun = async ({ signal }) => {
      await aborted(signal);
      return end();
    };
    expect(await testPlugin(tree, run, { timeoutMs: 1 })).toMatchObject({
      ok: false,
      rejection: { kind: "self_test_timeout", step: "tests", timeoutMs: 1 },
      evidence: { steps: [{ outcome: "self_test_timeout" }] },
    });
  });

  it("gives all imports together one time limit", async () => {
    const { seen, run } = recorder();
    const slow: SandboxedRun = async (command) => {
      if (seen.length === 1) await aborted(command.signal);
      return run(command);
    };
    const declared = { imports: ["a.js", "b.js", "c.js"] };
    const outcome = await testPlugin(tree, slow, { declared, steps: ["imports"], timeoutMs: 1 });
    expect(outcome).toMatchObject({ rejection: { kind: "self_test_timeout" } });
    expect(seen.length).toBeLessThan(3);
  });

  it("fails when there is no sandbox, and skips nothing", async () => {
    const cause = new Error("bwrap is missing");
    await expect(testPlugin(tree, () => Promise.reject(cause))).rejects.toThrow(
      expect.objectContaining({
        code: "SANDBOX_UNAVAILABLE",
        message: "Cannot run self-test step tests: the sandbox did not run it: bwrap is missing",
        cause,
      }),
    );
  });

  it("ends the program and answers nothing when its caller gives up", async () => {
    const controller = new AbortController();
    const run: SandboxedRun = async ({ signal }) => {
      controller.abort(new Error("enough"));
      await aborted(signal);
      return passed;
    };
    await expect(testPlugin(tree, run, { signal: controller.signal })).rejects.toThrow("enough");
  });

  it.each([
    ["writes a cache", "src/__pycache__", (at: string) => mkdirSync(at), "added"],
    ["adds a file", "src/new", (at: string) => writeFileSync(at, ""), "added"],
    ["removes a file", "src/index.js", (at: string) => rmSync(at), "missing"],
    ["changes a file", "plugin.yaml", (at: string) => writeFileSync(at, "name: evil"), "changed"],
    ["changes the list", "manifest.txt", (at: string) => writeFileSync(at, ""), "changed"],
    [
      "puts a link in place of a file",
      "plugin.yaml",
      (at: string) => {
        rmSync(at);
        symlinkSync("src/index.js", at);
      },
      "changed",
    ],
    [
      "puts a link in place of a folder",
      "src",
      (at: string) => {
        rmSync(at, { recursive: true });
        symlinkSync("/etc", at);
      },
      "added",
    ],
  ])("finds out a test that %s", async (_what, path, work, change) => {
    const { run } = recorder(() => work(join(tree.path, path)));
    const outcome = await testPlugin(tree, run);
    expect(outcome).toMatchObject({
      ok: false,
      rejection: { kind: "dirty_workspace", step: "tests", path, change },
      evidence: { steps: [{ outcome: "dirty_workspace", exitCode: 0 }] },
    });
  });

  it("runs nothing of a tree that is not the bundle", async () => {
    writeFileSync(join(tree.path, "src/index.js"), "evil()");
    const { seen, run } = recorder();
    expect(await testPlugin(tree, run)).toMatchObject({
      ok: false,
      rejection: { kind: "extraction_mismatch", path: "src/index.js", change: "changed" },
      evidence: { steps: [] },
    });
    expect(seen).toEqual([]);
  });

  it("fails when the tree cannot be read", async () => {
    rmSync(tree.path, { recursive: true });
    const { seen, run } = recorder();
    await expect(testPlugin(tree, run)).rejects.toThrow(expect.objectContaining({ code: "IO" }));
    expect(seen).toEqual([]);
  });

  it.each<readonly [string, Partial<SelfTestOptions>]>([
    ["no step", { steps: [] }],
    ["tests that are not declared", { declared: { imports: ["a.js"] }, steps: ["tests"] }],
    ["imports that are not declared", { declared: { imports: [] }, steps: ["imports"] }],
    ["an import outside the tree", { declared: { imports: ["../a.js"] }, steps: ["imports"] }],
    ["no time", { timeoutMs: 0 }],
    ["endless output", { maxOutputBytes: Number.POSITIVE_INFINITY }],
  ])("takes %s for the caller's mistake", async (_what, changes) => {
    const { seen, run } = recorder();
    await expect(testPlugin(tree, run, changes)).rejects.toThrow(RangeError);
    expect(seen).toEqual([]);
  });
});
