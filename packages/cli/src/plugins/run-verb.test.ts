import type { CallOutcome } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { type Composition, EXIT, type PluginRun, runSigil } from "../index.ts";

const absent = (): Promise<never> => Promise.reject(new Error("not in this test"));
const meta = { decisionId: "d", generation: 1, version: "1", digest: "x", durationMs: 1 };

async function sigil(outcome: CallOutcome, ...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const asked: [string, PluginRun][] = [];
  const composition: Composition = {
    version: "1.0.0",
    defaultConfiguration: "gateway.yaml",
    up: absent,
    createToken: absent,
    explain: absent,
    auditPlace: absent,
    plugins: {
      place: absent,
      examine: absent,
      learn: absent,
      record: absent,
      list: absent,
      approved: absent,
      async run(config, call, log) {
        asked.push([config, call]);
        log("a line\u001b[2J");
        return outcome;
      },
    },
  };
  const code = await runSigil(["run", ...argv], composition, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { code, out: out.join("\n"), err: err.join("\n"), asked };
}

const completed: CallOutcome = {
  kind: "completed",
  content: [
    { kind: "text", text: "one\ntwo\u001b[2J" },
    { kind: "binary", mimeType: "image/png", data: Uint8Array.of(1, 2) },
  ],
  structured: { n: 1 },
  isError: false,
  meta,
};

describe("sigil run", () => {
  it("calls one tool for whom it is told, and shows the answer as text alone", async () => {
    const words = ["notes", "--tool", "add", "--arguments", '{"a":1}'];
    const ran = await sigil(completed, ...words, "--user", "ada", "--workspace", "home");
    expect(ran.asked).toEqual([
      [
        "gateway.yaml",
        {
          plugin: "notes",
          tool: "add",
          arguments: { a: 1 },
          owner: { user: "ada", workspace: "home" },
        },
      ],
    ]);
    expect(ran.code).toBe(EXIT.ok);
    expect(ran.out).toMatch(/^one\ntwo.*\n\[2 bytes of image\/png\]\n\{"n":1\}$/u);
    expect(ran.out + ran.err).not.toContain("\u001b");
    const json = await sigil(completed, "notes", "--tool", "add", "--json");
    expect(JSON.parse(json.out)).toMatchObject({ content: [{}, { data: "AQI=" }] });
    expect(json.asked[0]?.[1]).toEqual({ plugin: "notes", tool: "add", arguments: {} });
  });

  it.each([
    [{ ...completed, isError: true }, EXIT.undecided, /the tool failed/u],
    [
      { kind: "denied", publicReason: "not_allowed", decisionId: "d-1" } as const,
      EXIT.undecided,
      /explain d-1/u,
    ],
    [{ kind: "unavailable", reason: "crashed" } as const, EXIT.undecided, /crashed/u],
    [{ kind: "cancelled", by: "caller" } as const, EXIT.undecided, /cancelled/u],
    [
      { kind: "invalid", issues: [{ path: ["a", 0], message: "must be text" }] } as const,
      EXIT.usage,
      /\/a\/0 must be text/u,
    ],
  ])("says by its exit code that a call did not end well", async (outcome, code, said) => {
    const ran = await sigil(outcome, "notes", "--tool", "add");
    expect(ran.code).toBe(code);
    expect(ran.err).toMatch(said);
  });

  it.each([
    [["notes"], /needs --tool, or --learn/u],
    [["notes", "--tool", "add", "--arguments", "{"], /no JSON/u],
    [["notes", "--tool", "add", "--user", "ada"], /--user and --workspace/u],
    [["notes", "--tool", "add", "--write"], /go with --learn/u],
    [["notes", "--learn", "--user", "ada"], /nobody's call/u],
    [["../notes", "--tool", "add"], /Cannot/u],
  ])("refuses %j and runs nothing", async (words, said) => {
    const ran = await sigil(completed, ...words);
    expect([ran.code, ran.asked]).toEqual([EXIT.usage, []]);
    expect(ran.err).toMatch(said);
  });
});
