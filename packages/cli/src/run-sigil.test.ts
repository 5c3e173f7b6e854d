import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileSink, openAuditStore } from "@sigilrt/audit";
import { matchCapability, parsePattern } from "@sigilrt/capability";
import { createCheckpointSigner } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Composition, escaped, EXIT, runSigil } from "./index.ts";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
let folder: string;
let directory: string;
let anchor: string;
let key: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  directory = join(folder, "audit");
  anchor = join(folder, "anchor");
  key = join(folder, "audit.vkey");
  writeFileSync(key, `${signer.vkey}\n`);
  await using store = await openAuditStore(directory, { signer, sinks: [fileSink(anchor)] });
  const decided = { action: "capability_check", workspace: "home", plugin: "notes" } as const;
  await store.append([
    {
      ...decided,
      actor: "ada",
      capability: "tool.notes.add",
      result: "allowed",
      reason: "allowed",
    },
    {
      ...decided,
      actor: "ben\u001b[2J\n",
      capability: "tool.notes.add",
      result: "denied",
      reason: "user_not_allowed",
    },
  ]);
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function sigil(...argv: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const composition: Composition = {
    version: "1.2.3",
    defaultConfiguration: "gateway.yaml",
    up: async (options, terminal) => {
      terminal.out(JSON.stringify(options));
      return EXIT.ok;
    },
    createToken: async (config, { user }) => {
      if (user === "ada") return `sgl_${config}`;
      throw new Error(`Cannot make a token for ${user}: no such user\nsecond line`);
    },
    createOperatorToken: async (_config, user) => `operator token of ${user}`,
    covers: matchCapability,
    explain: async (_config, { plugin, capability, user }) => ({
      allowed: false,
      reason: "user_not_allowed",
      plugin,
      capability,
      generation: 1,
      legs: [
        { leg: "plugin", passes: true, pattern: parsePattern("tool.notes.*"), patterns: [] },
        { leg: "user", passes: false, patterns: [] },
      ],
      changes: [{ kind: "add_pattern", leg: "user", text: `give ${user} ${capability}` }],
    }),
    auditPlace: async () => ({ directory, anchors: [], keys: [key] }),
    auditKeeper: async () => ({ directory, options: { signer, sinks: [fileSink(anchor)] } }),
  };
  const terminal = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const code = await runSigil(argv, composition, {
    out: (line) => void terminal.out(line),
    err: (line) => void terminal.err(line),
  });
  return { code, out, err };
}

describe("sigil", () => {
  it("shows its verbs, and its version", async () => {
    expect(await sigil("--help")).toMatchObject({ code: 0, err: [] });
    expect((await sigil("--help")).out.join("\n")).toMatch(/up .*audit verify/su);
    expect(await sigil("--version")).toMatchObject({ code: 0, out: ["1.2.3"] });
    expect((await sigil()).code).toBe(EXIT.usage);
  });

  it.each([
    [["updo"], 'Cannot run "updo": there is no such verb'],
    [
      ["audit"],
      'Cannot run "audit ": after audit comes tail or query or explain or export or verify or reseal or prune',
    ],
    [["token", "show"], 'Cannot run "token show": after token comes create'],
    [["up", "--stdio"], "Cannot run up --stdio: it needs --user and --workspace"],
    [["up", "--user", "ada"], "Cannot run up: --user and --workspace go with --stdio"],
    [["up", "--port", "1"], "Cannot read the command line: Unknown option '--port'"],
    [["audit", "tail", "--limit", "0"], "Cannot show 0 records: from 1 to 1000"],
    [["audit", "tail", "--limit", "1001"], "Cannot show 1001 records"],
    [["audit", "query", "--from", "yesterday"], 'Cannot read "yesterday" as a time'],
    [["audit", "export", "--format", "csv"], 'Cannot export as "csv": it is one of otel, jsonl'],
    [["audit", "export", "--after", "17"], 'Cannot go on after "17": a place is written audit-'],
    [["audit", "explain"], "Cannot run audit explain: it needs the id of a decision"],
    [["audit", "explain", "a/b"], "Cannot explain: the decision id is malformed"],
    [["audit", "tail", "--result", "maybe"], 'Cannot filter by result "maybe"'],
    [["audit", "tail", "--directory", "d", "--config", "c"], "Cannot take both"],
    [["audit", "verify", "--directory", "d", "--checkpoint", "c"], "without --key"],
    [["audit", "reseal"], "it needs --reason"],
    [["audit", "reseal", "--reason", ""], "it needs --reason"],
    [["audit", "reseal", "--reason", "r", "--directory", "d"], "--directory"],
    [["audit", "prune"], "it needs --before"],
    [["audit", "prune", "--before", "long ago"], "as a time"],
  ])("refuses %j as a mistake, and does nothing", async (argv, message) => {
    const { code, out, err } = await sigil(...argv);
    expect([code, out]).toEqual([EXIT.usage, []]);
    expect(err[0]).toContain(message);
    expect(err[1]).toBe("sigil --help shows what there is");
  });

  it("hands the composition what it needs to run", async () => {
    expect((await sigil("up")).out).toEqual([
      '{"config":"gateway.yaml","json":false,"watch":false}',
    ]);
    expect(
      (
        await sigil(
          "up",
          "--stdio",
          "--user",
          "ada",
          "--workspace",
          "home",
          "--watch",
          "--config",
          "x",
        )
      ).out,
    ).toEqual([
      '{"config":"x","json":false,"watch":true,"stdio":{"user":"ada","workspace":"home"}}',
    ]);
  });

  it("makes an operator's token for a person, and refuses one for nobody or for a workspace", async () => {
    const made = await sigil("token", "create", "--operator", "--user", "ada");
    expect(made).toMatchObject({ code: 0, out: ["operator token of ada"] });
    expect(await sigil("token", "create", "--operator")).toMatchObject({ code: 2 });
    const both = ["token", "create", "--operator", "--user", "ada", "--workspace", "home"];
    expect(await sigil(...both)).toMatchObject({ code: 2 });
  });

  it("makes a token, alone on standard output", async () => {
    const made = await sigil("token", "create", "--user", "ada", "--workspace", "home");
    expect(made).toMatchObject({ code: 0, out: ["sgl_gateway.yaml"] });
    const refused = await sigil("token", "create", "--user", "eve", "--workspace", "home");
    expect(refused).toEqual({
      code: EXIT.undecided,
      out: [],
      err: ["Cannot make a token for eve: no such user", "second line"],
    });
  });

  it("writes what could move a terminal so that it can be read", () => {
    expect(escaped("a\u001b[2J\nb\u202Ec\u200B")).toBe("a\\u{1b}[2J\\u{a}b\\u{202e}c\\u{200b}");
  });
});

describe("sigil audit tail", () => {
  it("shows the newest records, the oldest of them first, a line each", async () => {
    const { code, out } = await sigil("audit", "tail");
    expect(code).toBe(0);
    expect(out).toHaveLength(2);
    expect(out[0]).toMatch(
      /^\d{4}-\S+Z {2}allowed {2}tool\.notes\.add {2}by ada@home {2}decision audit-000001-[0-9a-f]{24}$/u,
    );
    expect(out[1]).toMatch(
      /denied {3}tool\.notes\.add {2}\(user_not_allowed\) {2}by ben\\u\{1b\}/u,
    );
  });

  it("shows as many as asked for, only those asked for, also as JSON", async () => {
    expect((await sigil("audit", "tail", "--limit", "1")).out).toHaveLength(1);
    const { out } = await sigil("audit", "tail", "--user", "ada", "--json");
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { actor: "ada", result: "allowed" },
    ]);
    expect((await sigil("audit", "tail", "--result", "failed")).out).toEqual([]);
  });

  it("cannot decide about a folder that is not there", async () => {
    const { code, err } = await sigil("audit", "tail", "--directory", join(folder, "gone"));
    expect([code, err.length]).toEqual([EXIT.undecided, 1]);
  });
});

describe("sigil audit query", () => {
  it("shows what matches, newest first, and where the next page begins", async () => {
    const { out, err } = await sigil(
      "audit",
      "query",
      "--limit",
      "1",
      "--workspace",
      "home",
      "--json",
    );
    expect(out.map((line) => JSON.parse(line))).toMatchObject([{ result: "denied" }]);
    const [, cursor = ""] = /^More: --cursor (\S+)$/u.exec(err[0] ?? "") ?? [];
    const next = await sigil("audit", "query", "--cursor", cursor, "--capability", "tool.notes.*");
    expect(next.out).toEqual([expect.stringContaining("allowed  tool.notes.add  by ada@home")]);
    expect(next.err).toEqual([]);
  });

  it("takes times in any zone", async () => {
    expect((await sigil("audit", "query", "--to", "2020-01-01T00:00:00+02:00")).out).toEqual([]);
    const since = await sigil("audit", "query", "--from", "2020-01-01T00:00:00Z", "--user", "ada");
    expect(since.out).toHaveLength(1);
  });
});

describe("sigil audit export", () => {
  it("writes every record, oldest first, in both forms, and goes on after a place", async () => {
    const { out } = await sigil("audit", "export");
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { type: "audit.opened" },
      { body: { actor: "ada" } },
      { body: { result: "denied" } },
    ]);
    // The name that would clear a terminal is written so that it cannot.
    expect(out.join("")).not.toContain("\u001b");
    const rest = await sigil("audit", "export", "--format", "otel", "--after", "audit-000001:1");
    expect(rest.out.map((line) => JSON.stringify(JSON.parse(line)))).toEqual([
      expect.stringContaining("sigil.audit."),
    ]);
  });
});

describe("sigil audit explain", () => {
  const decisionOf = async (user: string): Promise<string> => {
    const { out } = await sigil("audit", "query", "--user", user, "--json");
    const { decision }: { decision: string } = JSON.parse(out[0] ?? "");
    return decision;
  };

  it("shows the record, the sets, which of them stops the call, and the smallest change", async () => {
    const { code, out } = await sigil("audit", "explain", await decisionOf("ada"));
    expect(code).toBe(0);
    expect(out).toEqual([
      expect.stringContaining("allowed  tool.notes.add  by ada@home"),
      "By the policy as it is now: denied, user_not_allowed",
      "  allows  plugin     by tool.notes.*",
      "  STOPS   user       no pattern covers it",
      "To allow it: give ada tool.notes.add",
    ]);
  });

  it("cannot decide about an id that no record has", async () => {
    const { code, err } = await sigil("audit", "explain", `audit-000001-${"0".repeat(24)}`);
    expect([code, err[0]]).toEqual([EXIT.undecided, expect.stringContaining("no record has this")]);
  });
});

describe("sigil audit verify", () => {
  const edit = (change: (text: string) => string): void => {
    const path = join(directory, "audit-000001.jsonl");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };

  it("says that nothing from outside vouches for a log that verifies", async () => {
    const { code, out } = await sigil("audit", "verify");
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^verifies: 3 records, .*head sha256:/u);
    expect(out[1]).toMatch(/^not anchored: no checkpoint from outside/u);
  });

  it("says how far a checkpoint kept elsewhere vouches for it", async () => {
    const { out } = await sigil("audit", "verify", "--checkpoint", anchor);
    expect(out[1]).toMatch(/vouches for the first 3; the last 0 have the chain alone/u);
    const { out: json } = await sigil(
      "audit",
      "verify",
      "--checkpoint",
      anchor,
      "--json",
      "--fast",
    );
    expect(JSON.parse(json[0] ?? "")).toMatchObject({ ok: true, records: 3, anchored: 3 });
  });

  it("finds a record that the index of queries hides", async () => {
    const store = await openAuditStore(directory, { signer, sinks: [] });
    expect((await store.query({ actor: "ada" })).records).toHaveLength(1);
    await store.close();
    expect((await sigil("audit", "verify", "--index")).code).toBe(EXIT.ok);
    const database = new DatabaseSync(join(directory, "index.db"));
    database.exec("DELETE FROM records WHERE actor = 'ada'");
    database.close();
    expect((await sigil("audit", "verify")).code).toBe(EXIT.ok);
    expect((await sigil("audit", "verify", "--index")).code).toBe(EXIT.notVerified);
  });

  it("names the fault, with the records around it", async () => {
    edit((text) => text.replace("user_not_allowed", "plugin_unknown"));
    const { code, out } = await sigil("audit", "verify");
    expect(code).toBe(EXIT.notVerified);
    expect(out[0]).toBe("DOES NOT VERIFY: entry_hash_mismatch in audit-000001, line 3");
    expect(out.slice(1).map((line) => line.slice(0, 4))).toEqual(["  2:", "> 3:"]);
  });

  it("finds a tail cut off together with the notes beside it by the note kept elsewhere", async () => {
    edit((text) => text.split("\n").slice(0, 2).join("\n").concat("\n"));
    for (const name of readdirSync(directory).filter((file) => file.endsWith(".checkpoints"))) {
      rmSync(join(directory, name));
    }
    expect((await sigil("audit", "verify")).code).toBe(EXIT.ok);
    const { code, out } = await sigil("audit", "verify", "--checkpoint", anchor);
    expect([code, out[0]]).toEqual([
      EXIT.notVerified,
      "DOES NOT VERIFY: truncated in audit-000001",
    ]);
  });

  it("holds a copy against its own chain when no key is given", async () => {
    expect((await sigil("audit", "verify", "--directory", directory)).code).toBe(EXIT.ok);
    const keyed = ["--directory", directory, "--key", key, "--checkpoint", anchor];
    expect((await sigil("audit", "verify", ...keyed)).out[1]).toMatch(/first 3/u);
  });

  it("does not believe a note that another key signed", async () => {
    const other = createCheckpointSigner("gateway", Buffer.alloc(32, 8));
    writeFileSync(key, `${other.vkey}\n`);
    const { code, out } = await sigil("audit", "verify");
    expect([code, out[0]]).toEqual([
      EXIT.notVerified,
      "DOES NOT VERIFY: checkpoint_signature_invalid in the checkpoints",
    ]);
  });
});

describe("sigil audit reseal", () => {
  const path = (): string => join(directory, "audit-000001.jsonl");

  it("refuses a log that verifies", async () => {
    const { code, err } = await sigil("audit", "reseal", "--reason", "to be safe");
    expect([code, err[0]]).toEqual([EXIT.undecided, expect.stringContaining("the log verifies")]);
  });

  it("gives up what is damaged, and verify names it from then on", async () => {
    writeFileSync(
      path(),
      readFileSync(path(), "utf8").replace("user_not_allowed", "plugin_unknown"),
    );
    const reason = "the disk\u001b[2J died";
    const { code, out } = await sigil("audit", "reseal", "--reason", reason, "--by", "grace");
    expect(code).toBe(EXIT.ok);
    expect(out).toEqual([
      "given up by grace: entry_hash_mismatch in audit-000001, line 3",
      "the log goes on with audit-000002",
    ]);
    const verified = await sigil("audit", "verify", "--checkpoint", anchor);
    expect(verified.code).toBe(EXIT.ok);
    expect(verified.out[0]).toMatch(
      /^ACCEPTED LOSS: entry_hash_mismatch in audit-000001, line 3; given up by grace at 2\S+Z: the disk\\u\{1b\}\[2J died$/u,
    );
    expect(verified.out[1]).toMatch(/^verifies: /u);
    // Nobody signed it, as far as somebody without the key can tell.
    const copy = await sigil("audit", "verify", "--directory", directory);
    expect(copy.code).toBe(EXIT.notVerified);
  });

  it("says on record who runs it, when nobody else is named", async () => {
    writeFileSync(
      path(),
      readFileSync(path(), "utf8").replace("user_not_allowed", "plugin_unknown"),
    );
    const { out } = await sigil("audit", "reseal", "--reason", "bit rot", "--json");
    expect(JSON.parse(out[0] ?? "")).toMatchObject({ segment: "audit-000002" });
    const { out: tail } = await sigil("audit", "tail", "--json");
    expect(JSON.parse(tail.at(-1) ?? "")).toMatchObject({
      action: "audit.resealed",
      actor: userInfo().username,
    });
  });
});

describe("sigil audit prune", () => {
  it("removes whole old segments, and verify says where the log begins", async () => {
    const options = { signer, sinks: [fileSink(anchor)], segmentBytes: 1 };
    await using store = await openAuditStore(directory, options);
    const record = { action: "plugin.started", actor: "ada", result: "ok", reason: "ok" } as const;
    await store.append([record]);
    await store.close();
    const now = new Date().toISOString();
    const { code, out } = await sigil("audit", "prune", "--before", now, "--by", "grace");
    expect([code, out]).toEqual([EXIT.ok, ["removed audit-000001"]]);
    const verified = await sigil("audit", "verify", "--checkpoint", anchor);
    expect(verified.code).toBe(EXIT.ok);
    expect(verified.out[0]).toMatch(/^begins with audit-000002: .* removed by grace at 2/u);
    const again = await sigil("audit", "prune", "--before", now, "--json");
    expect(again.out).toEqual(['{"segments":[]}']);
  });

  it("refuses while a gateway holds the folder", async () => {
    await using store = await openAuditStore(directory, { signer, sinks: [] });
    const { code, err } = await sigil("audit", "prune", "--before", "2020-01-01T00:00:00Z");
    expect([code, err[0]]).toEqual([EXIT.undecided, expect.stringContaining("stop it first")]);
    await store.close();
  });
});
