import { describe, expect, it } from "vitest";
import {
  type ActReport,
  type Composition,
  EXIT,
  type InspectedPlugin,
  type OperatedGateway,
  type PluginLine,
  runSigil,
} from "../index.ts";

const plugin: InspectedPlugin = {
  name: "notes",
  state: "running",
  version: "1.2.0",
  type: "tool",
  tier: "process",
  adapter: "grpc",
  digest: `tree1-sha256:${"ab".repeat(32)}`,
  crashes: 2,
  tools: ["add", "list"],
  allow: ["tool.notes.add"],
  except: ["exec.*"],
  warnings: ["it asks for much"],
};
const lines: readonly PluginLine[] = [
  { at: "2026-01-02T03:04:05.000Z", source: "host", text: "ended by itself", dropped: 0 },
  { at: "2026-01-02T03:04:06.000Z", source: "plugin", text: "\u001b[2J\u202eready", dropped: 7 },
];

interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly asked: readonly unknown[];
}

/** Runs a verb on a gateway that knows plugin `notes` and answers acts with `report`. */
async function sigil(argv: readonly string[], report: Partial<ActReport> = {}): Promise<Ran> {
  const [out, err, asked]: [string[], string[], unknown[]] = [[], [], []];
  const gateway: OperatedGateway = {
    list: async () => [plugin, { name: "broken", state: "refused", reason: "a\nb", crashes: 0 }],
    async inspect(name) {
      if (name === "notes") return plugin;
      throw new Error(`the gateway knows no plugin "${name}"`);
    },
    async *logs(name, options) {
      asked.push([name, options]);
      yield* lines;
    },
    async act(name, act, options) {
      asked.push([act, name, options]);
      return { plugin: name, outcome: "stopped", ...report };
    },
    async reloadConfiguration() {
      asked.push("configuration");
      if (argv.includes("faulty.yaml")) throw new Error("g.yaml:1:1: Cannot use key\nsecond\u001b");
      return { changed: true, digest: "00" };
    },
  };
  const absent = (): Promise<never> => Promise.reject(new Error("not in this test"));
  const composition: Composition = {
    version: "1.0.0",
    defaultConfiguration: "gateway.yaml",
    up: absent,
    createToken: absent,
    explain: absent,
    auditPlace: absent,
    async gateway(config) {
      asked.push(config);
      if (config !== "none.yaml") return gateway;
      throw new Error("Cannot reach a gateway: none runs");
    },
  };
  const code = await runSigil(argv, composition, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { code, out, err, asked };
}

describe("the verbs on a gateway that runs", () => {
  it("list every plugin, a line each, and the same as JSON", async () => {
    const { code, out } = await sigil(["list"]);
    expect(code).toBe(EXIT.ok);
    expect(out[0]).toMatch(
      /^notes +running +1\.2\.0 {2}process {2}tree1-sha256:abababababa… {2}crashed 2 times$/u,
    );
    expect(out[1]).toMatch(/^broken +refused +a\\u\{a\}b$/u);
    const json = await sigil(["list", "--json", "--config", "other.yaml"]);
    expect(json.asked).toEqual(["other.yaml"]);
    expect(JSON.parse(json.out.join(""))).toMatchObject([{ name: "notes" }, { name: "broken" }]);
  });

  it("inspect one, with what it was granted and what not", async () => {
    const { code, out } = await sigil(["inspect", "notes"]);
    expect([code, out[0]]).toEqual([EXIT.ok, "notes"]);
    expect(out.join("\n")).toMatch(
      /tools +add, list\n +granted +tool\.notes\.add\n +but not +exec\.\*\n +warning +it asks for much$/u,
    );
    expect(JSON.parse((await sigil(["inspect", "notes", "--json"])).out.join(""))).toEqual(plugin);
    expect(await sigil(["inspect", "ghost"])).toMatchObject({
      code: EXIT.undecided,
      err: ['the gateway knows no plugin "ghost"'],
    });
  });

  it("show logs so that they move no terminal and forge no line, and what was dropped", async () => {
    const { code, out, asked } = await sigil(["logs", "notes"]);
    expect([code, asked.at(-1)]).toEqual([EXIT.ok, ["notes", { follow: false }]]);
    expect(out).toEqual([
      "2026-01-02T03:04:05.000Z  host    ended by itself",
      "(7 lines were dropped here)",
      "2026-01-02T03:04:06.000Z  plugin  \\u{1b}[2J\\u{202e}ready",
    ]);
    const json = await sigil(["logs", "notes", "--json", "--follow"]);
    expect(json.asked.at(-1)).toEqual(["notes", { follow: true }]);
    expect(json.out.map((line) => JSON.parse(line))).toEqual(lines);
  });

  it("take the configuration over, or say with exit code 4 why the one before stays", async () => {
    expect(await sigil(["reload", "--configuration"])).toMatchObject({
      code: EXIT.ok,
      out: ["taken over"],
      asked: ["gateway.yaml", "configuration"],
    });
    expect(await sigil(["reload", "--configuration", "--json"])).toMatchObject({
      out: ['{"changed":true,"digest":"00"}'],
    });
    expect(await sigil(["reload", "--configuration", "--config", "faulty.yaml"])).toMatchObject({
      code: EXIT.rejected,
      out: [],
      err: [
        "g.yaml:1:1: Cannot use key",
        "second\\u{1b}",
        "Nothing was changed: the configuration before stays in force",
      ],
    });
    expect(await sigil(["reload", "--configuration", "notes"])).toMatchObject({ code: EXIT.usage });
  });

  it.each([
    [["start", "notes"], "start", false],
    [["start", "notes", "--clear-quarantine"], "start", true],
    [["stop", "notes"], "stop", false],
    [["reload", "notes"], "reload", false],
    [["rollback", "notes"], "rollback", false],
  ])("%j does what it says", async (argv, act, clearQuarantine) => {
    const { code, out, asked } = await sigil(argv, { outcome: "replaced", version: "2.0.0" });
    expect([code, out]).toEqual([EXIT.ok, ["replaced notes 2.0.0"]]);
    expect(asked).toEqual(["gateway.yaml", [act, "notes", { clearQuarantine }]]);
  });

  it("answer a refusal with exit code 4 and its words on the error stream", async () => {
    const report = {
      outcome: "refused",
      code: "SURFACE_CHANGED",
      message: "Cannot \u0007",
    } as const;
    expect(await sigil(["reload", "notes"], report)).toMatchObject({
      code: EXIT.rejected,
      out: [],
      err: ["Cannot \\u{7}"],
    });
    const json = await sigil(["reload", "notes", "--json"], report);
    expect([json.code, json.err]).toEqual([EXIT.rejected, []]);
    expect(JSON.parse(json.out.join(""))).toMatchObject({ outcome: "refused" });
  });

  it("show what an operator should know beside a success", async () => {
    const report = { outcome: "replaced", message: "2 calls were cancelled" } as const;
    expect(await sigil(["reload", "notes"], report)).toMatchObject({
      code: EXIT.ok,
      out: ["replaced notes"],
      err: ["2 calls were cancelled"],
    });
  });

  it.each([
    [["inspect"]],
    [["logs"]],
    [["stop"]],
    [["stop", "notes", "other"]],
    [["stop", "../notes"]],
    [["stop", "Notes"]],
    [["stop", "notes/records"]],
    [["stop", "notes", "--clear-quarantine"]],
    [["reload", "notes", "--follow"]],
    [["list", "notes"]],
    [["list", "--all"]],
  ])("refuse the command line %j and ask nobody", async (argv) => {
    const { code, out, asked } = await sigil(argv);
    expect([code, out, asked]).toEqual([EXIT.usage, [], []]);
  });

  it.each(["list", "inspect", "logs", "start", "stop", "reload", "rollback"])(
    "%s says when no gateway runs, and when there is none to reach",
    async (verb) => {
      const subject = verb === "list" ? [] : ["notes"];
      expect(await sigil([verb, ...subject, "--config", "none.yaml"])).toMatchObject({
        code: EXIT.undecided,
        err: ["Cannot reach a gateway: none runs"],
      });
      const err: string[] = [];
      const absent = (): Promise<never> => Promise.reject(new Error("not in this test"));
      const bare = { up: absent, createToken: absent, explain: absent, auditPlace: absent };
      const composition = { version: "1.0.0", defaultConfiguration: "gateway.yaml", ...bare };
      const terminal = { out: () => undefined, err: (line: string) => void err.push(line) };
      expect(await runSigil([verb, ...subject], composition, terminal)).toBe(EXIT.undecided);
      expect(err[0]).toMatch(/^Cannot reach a gateway: this command belongs to none/u);
    },
  );
});
