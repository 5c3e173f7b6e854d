import { PassThrough, Readable } from "node:stream";
import { EXIT, runSigil, type SecretChange, secretReader } from "@sigilrt/cli";
import { describe, expect, it } from "vitest";

const absent = (): Promise<never> => Promise.reject(new Error("not here"));

async function sigil(
  argv: readonly string[],
  input: string | Uint8Array = "",
): Promise<{
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly changes: readonly SecretChange[];
}> {
  const [out, err, changes]: [string[], string[], SecretChange[]] = [[], [], []];
  const composition = {
    version: "0.1.0",
    defaultConfiguration: "gateway.yaml",
    up: absent,
    createToken: absent,
    explain: absent,
    auditPlace: absent,
    secrets: {
      list: async () => [
        { plugin: "demo", name: "token", declared: true, required: true, env: "API_TOKEN" },
        { plugin: "demo", name: "seed", declared: true, required: false },
        { plugin: "demo", name: "old", declared: false, required: false, set: "2026-01-02" },
      ],
      async change(_config: string, change: SecretChange) {
        changes.push(change);
        return change.name === "bad"
          ? ({ plugin: change.plugin, outcome: "refused", message: "its box\u001b[2J" } as const)
          : ({ plugin: change.plugin, outcome: "started" } as const);
      },
    },
  };
  const code = await runSigil(argv, composition, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    readSecret: secretReader(Readable.from([Buffer.from(input)]), new PassThrough()),
  });
  return { code, out, err, changes };
}

describe("the verbs on secrets", () => {
  it.each([
    ["hunter22\n", "hunter22"],
    ["hunter22\r\n", "hunter22"],
    ["line one\nline two\n\n", "line one\nline two\n"],
    ["  spaces stay  ", "  spaces stay  "],
    ["x".repeat(16_384), "x".repeat(16_384)],
  ])("set what standard input holds, without the line break at its end", async (input, value) => {
    const { code, out, changes } = await sigil(["secret", "set", "demo", "token"], input);
    expect([code, out, changes]).toEqual([
      EXIT.ok,
      ["set token of demo"],
      [{ plugin: "demo", name: "token", value }],
    ]);
  });

  it.each([
    ["a value among the arguments", ["demo", "token", "hunter22"], "x"],
    ["a value after an option", ["demo", "token", "--json", "hunter22"], "x"],
    ["a value as an option", ["demo", "token", "--value=hunter22"], "x"],
    ["a value in place of the name", ["demo", "Hunter22"], "x"],
    ["no name", ["demo"], "x"],
    ["no input", ["demo", "token"], ""],
    ["an empty line", ["demo", "token"], "\n"],
    ["input over the limit", ["demo", "token"], "x".repeat(16_385)],
    ["input that is no text", ["demo", "token"], Buffer.from([0xff, 0xfe, 0x00])],
    ["a plugin that leads elsewhere", ["../demo", "token"], "x"],
  ])("refuse %s, and repeat none of it", async (_what, argv, input) => {
    const { code, err, changes } = await sigil(["secret", "set", ...argv], input);
    expect([code, changes]).toEqual([EXIT.usage, []]);
    expect(err.join("\n")).not.toMatch(/"hunter22"|Hunter22/u);
  });

  it("remove without reading anything", async () => {
    const { out, changes } = await sigil(["secret", "remove", "demo", "token"], "ignored");
    expect([out, changes]).toEqual([
      ["removed token of demo"],
      [{ plugin: "demo", name: "token" }],
    ]);
  });

  it("list what is declared, what is missing, and what nobody gets", async () => {
    const { out } = await sigil(["secret", "list"]);
    expect(out).toEqual([
      expect.stringMatching(/^demo +token +MISSING {2}in API_TOKEN$/u),
      expect.stringMatching(/^demo +seed +not set$/u),
      expect.stringMatching(/^demo +old +set 2026-01-02 {2}no manifest declares it any more/u),
    ]);
    const json = await sigil(["secret", "list", "--json"]);
    expect(JSON.parse(json.out.join(""))).toHaveLength(3);
  });

  it("end with 4 where it is refused, in words that move no terminal", async () => {
    expect(await sigil(["secret", "set", "demo", "bad"], "x")).toMatchObject({
      code: EXIT.rejected,
      out: [],
      err: ["its box\\u{1b}[2J"],
    });
  });

  it.each([[["secret"]], [["secret", "get", "demo", "token"]], [["secret", "show"]]])(
    "know no way to read one back: %j",
    async (argv) => {
      expect(await sigil(argv)).toMatchObject({ code: EXIT.usage });
    },
  );

  it("show nothing of what is typed at a terminal", async () => {
    const keys = new PassThrough();
    const modes: boolean[] = [];
    const terminal = Object.assign(keys, {
      isTTY: true,
      setRawMode: (isRaw: boolean) => void modes.push(isRaw),
    });
    const shown = new PassThrough();
    const read = secretReader(terminal, shown)("Value: ", 100);
    keys.write("hunx\u007Fter22\r");
    expect(Buffer.from(await read).toString()).toBe("hunter22");
    expect([modes, String(shown.read())]).toEqual([[true, false], "Value: \n"]);
  });
});
