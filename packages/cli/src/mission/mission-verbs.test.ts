import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MissionFile, type MissionRunOptions, runSigil } from "@sigilrt/cli";
import { createCheckpointSigner, openJournal } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ID = "00000000-0000-4000-8000-000000000001";
const signer = createCheckpointSigner("test", Buffer.alloc(32, 7));
const absent = (): Promise<never> => Promise.reject(new Error("not in this test"));

let folder: string;
let file: string;
let asked: MissionRunOptions[];
let bound: (MissionFile | undefined)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mission-verbs-"));
  file = join(folder, "mission.yaml");
  asked = [];
  bound = [];
  const step = { name: "a", operation: "x", compensation: { type: "none", reason: "r" } };
  const lists = { allow_ops: [], allow_paths: [], deny_paths: [], protected_paths: [] };
  const rules = { ...lists, max_budget_usd: "0", expires_at: null };
  writeFileSync(file, JSON.stringify({ name: "m", workspace: "w", ...rules, steps: [step] }));
  writeFileSync(join(folder, "key"), `${signer.vkey}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function sigil(
  argv: readonly string[],
  status = "ok",
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const missions = {
    run: (_config: string, _text: string, options: MissionRunOptions) => {
      asked.push(options);
      return Promise.resolve({ id: ID, status });
    },
    place: () => Promise.resolve({ directory: folder, anchors: [], keys: [join(folder, "key")] }),
  };
  const composition = {
    version: "1.0.0",
    defaultConfiguration: "gateway.yaml",
    up: absent,
    createToken: (
      _config: string,
      _owner: object,
      { mission }: { readonly mission?: MissionFile },
    ) => {
      bound.push(mission);
      return Promise.resolve("sgl_token");
    },
    explain: absent,
    auditPlace: absent,
    ...(status === "absent" ? {} : { missions }),
  };
  const code = await runSigil(argv, composition, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("sigil mission run", () => {
  const run = (status: string): Promise<{ readonly code: number; readonly out: string }> =>
    sigil(["mission", "run", file, "--user", "ada", "--repository", folder], status);

  it.each([
    ["ok", 0],
    ["denied", 7],
    ["failed", 3],
    ["aborted", 3],
    ["needs_operator", 3],
  ])("that ends %s ends with %i", async (status, code) => {
    expect(await run(status)).toMatchObject({ code, out: `${ID} ${status}` });
    expect(asked).toEqual([{ user: "ada", repository: folder }]);
  });

  it.each([
    ["without a user", ["mission", "run", "m.yaml"], "ok", 2],
    ["without a file", ["mission", "run", "--user", "ada"], "ok", 2],
    ["as another verb", ["mission", "walk"], "ok", 2],
    ["on a file that is not there", ["mission", "run", "absent.yaml", "--user", "ada"], "ok", 3],
    ["without a gateway", ["mission", "show", ID], "absent", 3],
    ["on an id that is a path", ["mission", "show", "../audit/x"], "ok", 2],
    ["on a mission that is not there", ["mission", "show", ID], "ok", 3],
  ])("%s is refused", async (_, argv, status, code) => {
    expect(await sigil(argv, status)).toMatchObject({ code, out: "" });
    expect(asked).toEqual([]);
  });
});

describe("sigil mission show and verify", () => {
  const path = (): string => join(folder, `${ID}.jsonl`);
  async function write(): Promise<void> {
    const log = `sha256:${"ab".repeat(32)}/${ID}`;
    const journal = await openJournal(path(), { log, signer, sinks: [], durability: "none" });
    await journal.append([
      { type: "step.started", body: { step_id: "1-a", name: "a", inputs: {} } },
      { type: "budget.settled", body: { reservation: "r", micro_usd: "7500" } },
      {
        type: "operation.completed",
        body: { step_id: "1-a", type: "x\u001b[2J", denial: "op_not_allowed" },
      },
      { type: "step.completed", body: { step_id: "1-a", status: "denied", outputs: {} } },
      { type: "mission.completed", body: { status: "denied" } },
    ]);
    await journal.close();
  }

  it("shows steps, cost and refusals, and moves no terminal", async () => {
    await write();
    const { code, out } = await sigil(["mission", "show", ID]);
    expect(code).toBe(0);
    expect(out).toContain("1-a  denied  ");
    expect(out).toContain(": op_not_allowed");
    expect(out).toContain("denied; spent 7500 micro-dollars");
    expect(out).not.toContain("\u001b");
  });

  it("ends with 6 for a journal that was changed or cut", async () => {
    await write();
    expect(await sigil(["mission", "verify", ID])).toMatchObject({ code: 0 });
    const text = readFileSync(path(), "utf8");
    writeFileSync(path(), text.replace("7500", "7400"));
    expect(await sigil(["mission", "verify", ID])).toMatchObject({
      code: 6,
      out: "DOES NOT VERIFY: entry_hash_mismatch, line 2",
    });
    writeFileSync(path(), text.slice(0, text.lastIndexOf('{"at"')));
    expect(await sigil(["mission", "verify", ID])).toMatchObject({
      code: 6,
      out: "DOES NOT VERIFY: truncated",
    });
  });
});

describe("sigil token create --mission", () => {
  const create = ["token", "create", "--user", "ada", "--workspace", "w"];

  it("binds a token to a mission file, and no other token to one", async () => {
    expect(await sigil([...create, "--mission", file])).toMatchObject({ code: 0 });
    expect(await sigil(create)).toMatchObject({ code: 0 });
    expect(bound.map((mission) => mission?.name)).toEqual(["m", undefined]);
  });

  it("makes none for a file with a fault", async () => {
    writeFileSync(file, "name: m\n");
    expect(await sigil([...create, "--mission", file])).toMatchObject({ code: 3, out: "" });
    expect(bound).toEqual([]);
  });
});
