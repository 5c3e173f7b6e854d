import { acceptUnverified, type Surface } from "@sigilrt/integrity";
import type { CallChunk, JsonValue } from "@sigilrt/lifecycle";
import { acceptDeclared, type CallOutcome, type PluginManager } from "@sigilrt/manager";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calling, everybody, openWorkbench, type Workbench } from "./fixtures/workbench.ts";
import { createSchemaCheck } from "./schema-check.ts";

const inputSchema: JsonValue = {
  type: "object",
  properties: {
    city: { type: "string", minLength: 2, pattern: "^[A-Z]" },
    days: { type: "integer", minimum: 1, maximum: 14 },
    options: { type: "array", items: { type: "object", required: ["key"] } },
  },
  required: ["city"],
  additionalProperties: false,
};

interface Bench extends Workbench {
  readonly run: PluginManager;
  /** What the plugin saw. */
  readonly seen: unknown[];
}

async function openBench(
  schemas: { readonly input?: JsonValue; readonly output?: JsonValue } = {},
  answer: CallChunk = { kind: "result", isError: false },
  pinned: "pinned" | "as shown" = "as shown",
): Promise<Bench> {
  const seen: unknown[] = [];
  const { input = inputSchema, output } = schemas;
  const tool = { name: "echo", description: "Echoes", inputSchema: input };
  const surface: Surface = {
    capabilities: [],
    hooks: [],
    tools: [output === undefined ? tool : { ...tool, outputSchema: output }],
  };
  const bench = openWorkbench({
    plugin: () => ({
      surface: { tools: surface.tools },
      tools: {
        async *echo(call) {
          seen.push(call.arguments);
          yield await Promise.resolve(answer);
        },
      },
    }),
  });
  bench.plugin("demo");
  const declared = acceptDeclared();
  const run = bench.manager({
    verifier: acceptUnverified(),
    consent:
      pinned === "as shown"
        ? declared
        : {
            find: async (...question) => {
              const record = await declared.find(...question);
              return record && { ...record, surface };
            },
          },
  });
  await run.discover();
  return Object.assign(bench, { run, seen });
}

const asking = (args: unknown, more = {}) =>
  calling("demo", "echo", { arguments: args as never, ...more });
const issuesOf = (outcome: CallOutcome): unknown =>
  outcome.kind === "invalid" ? outcome.issues : outcome;

describe("arguments against the approved schema", () => {
  it.each(["pinned", "as shown"] as const)(
    "reach the plugin when they fit, and only then; surface %s",
    async (pinned) => {
      await using bench = await openBench({}, undefined, pinned);
      expect(await bench.run.call(asking({ city: 7 }))).toMatchObject({ kind: "invalid" });
      expect(bench.host.starts).toHaveLength(pinned === "pinned" ? 0 : 1);
      expect(bench.seen).toEqual([]);
      const good = { city: "Paris", days: 3 };
      expect(await bench.run.call(asking(good))).toMatchObject({ kind: "completed" });
      expect(bench.seen).toEqual([good]);
      const { records } = await bench.audit.query({ action: "call.completed" });
      expect(records.map(({ reason }) => reason)).toEqual(["ok", "invalid"]);
    },
  );

  it("come back with each place and rule, and never with a value", async () => {
    await using bench = await openBench();
    const secret = "hunter2";
    const outcome = await bench.run.call(
      asking({ city: secret, days: 99, options: [{ key: 1 }, { [secret]: secret }], more: secret }),
    );
    expect(issuesOf(outcome)).toEqual([
      { path: ["arguments", "city"], message: "breaks the schema (pattern)" },
      { path: ["arguments", "days"], message: "breaks the schema (maximum)" },
      {
        path: ["arguments", "options", 1],
        message: expect.stringContaining('required property "key"'),
      },
      { path: ["arguments", "more"], message: "is not allowed here" },
    ]);
    expect(JSON.stringify(outcome)).not.toContain(secret);
  });

  it("tell a caller who is denied nothing about the schema", async () => {
    await using bench = await openBench({}, undefined, "pinned");
    const principal = { ...everybody, permissions: [] };
    const [good, bad] = await Promise.all(
      [{ city: "Paris" }, { city: 7 }].map((args) => bench.run.call(asking(args, { principal }))),
    );
    const denied = { kind: "denied", publicReason: "not_allowed", decisionId: expect.any(String) };
    expect([good, bad]).toEqual([denied, denied]);
  });

  it.each<[string, unknown]>([
    ["is no object", "text"],
    ["holds a function", { city: () => "x" }],
    ["holds what is no number of JSON", { days: Number.NaN }],
    [
      "is nested without end",
      JSON.parse(`${'{"city":'.repeat(5_000)}1${"}".repeat(5_000)}`) as unknown,
    ],
  ])("are refused when the whole %s", async (_what, args) => {
    await using bench = await openBench();
    expect(await bench.run.call(asking(args))).toMatchObject({ kind: "invalid" });
    expect(bench.seen).toEqual([]);
  });

  it("take a key of every object for a key like any other", async () => {
    const properties = { constructor: { type: "string" }, toString: { type: "integer" } };
    const required = ["constructor"];
    await using bench = await openBench({ input: { type: "object", properties, required } });
    expect(await bench.run.call(asking({ constructor: "x" }))).toMatchObject({ kind: "completed" });
    expect(await bench.run.call(asking({}))).toMatchObject({ kind: "invalid" });
    const hostile = JSON.parse('{"constructor":"x","__proto__":{"toString":"x"}}') as unknown;
    expect(await bench.run.call(asking(hostile))).toMatchObject({ kind: "completed" });
  });

  it("are not sent to a tool that the plugin does not show", async () => {
    await using bench = await openBench();
    expect(await bench.run.call(calling("demo", "hidden"))).toMatchObject({
      kind: "denied",
      publicReason: "not_available",
    });
  });
});

describe("results against the output schema", () => {
  const output = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };

  it.each<[string, CallChunk, object]>([
    [
      "passes what fits",
      { kind: "result", isError: false, structured: { ok: true } },
      { isError: false, structured: { ok: true } },
    ],
    [
      "answers with a failure what does not",
      { kind: "result", isError: false, structured: { ok: "hunter2" } },
      { isError: true },
    ],
    [
      "answers with a failure what is missing",
      { kind: "result", isError: false },
      { isError: true },
    ],
    [
      "passes the tool's own failure",
      { kind: "result", isError: true },
      { isError: true, content: [] },
    ],
  ])("%s", async (_what, answer, expected) => {
    await using bench = await openBench({ output }, answer);
    const outcome = await bench.run.call(asking({ city: "Paris" }));
    expect(outcome).toMatchObject({ kind: "completed", ...expected });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });
});

describe("a schema that is an attack", () => {
  const nested = (depth: number): JsonValue =>
    JSON.parse(`${'{"not":'.repeat(depth)}true${"}".repeat(depth)}`) as JsonValue;
  const many = (count: number): JsonValue => ({
    properties: Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, true])),
  });

  it.each<[string, JsonValue, string]>([
    ["is nested deeply", nested(40), "too-deep"],
    ["has too many parts", many(5_000), "too-large"],
    ["has too much text", { enum: ["x".repeat(300_000)] }, "too-large"],
    ["points at another host", { $ref: "http://169.254.169.254/latest" }, "remote-reference"],
    ["points at a file", { allOf: [{ $ref: "file:///etc/passwd" }] }, "remote-reference"],
    ["points at nothing", { $ref: "#/$defs/ghost" }, "unresolved-reference"],
    ["points where the caller stands", { $dynamicRef: "#meta" }, "dynamic-reference"],
    ["has a pattern that is none", { pattern: "(" }, "pattern"],
    ["has a long pattern", { pattern: "a".repeat(2_000) }, "pattern"],
    ["has a pattern for names that is none", { patternProperties: { "[": true } }, "pattern"],
    ["is no schema", "yes", "malformed"],
    ["has no schema inside", { properties: { a: 7 } }, "malformed"],
  ])(
    "is not used when it %s, and its tool is neither shown nor called",
    async (_what, schema, fault) => {
      expect(createSchemaCheck(schema)).toBe(fault);
      await using bench = await openBench({ input: schema });
      expect(await bench.run.call(asking({ city: "Paris" }))).toMatchObject({
        kind: "denied",
        publicReason: "not_available",
      });
      expect(bench.seen).toEqual([]);
      expect(bench.run.visibleTools(everybody).tools).toEqual([]);
      expect(bench.run.get("demo").withheld).toEqual([{ name: "echo", schema: "input", fault }]);
    },
  );

  const doubling: Record<string, JsonValue> = { d0: { type: "string" } };
  for (let level = 1; level < 40; level += 1) {
    const half = { $ref: `#/$defs/d${level - 1}` };
    doubling[`d${level}`] = { anyOf: [{ allOf: [half, half] }, { allOf: [half, half] }] };
  }
  it.each<[string, JsonValue, JsonValue]>([
    [
      "backtracks without end",
      { properties: { a: { pattern: "^(a+)+$" } } },
      { a: `${"a".repeat(50)}!` },
    ],
    ["doubles at each level", { $ref: "#/$defs/d39", $defs: doubling }, {}],
    ["points at itself", { $ref: "#" }, {}],
    [
      "compares all with all",
      { properties: { a: { uniqueItems: true } } },
      { a: Array.from({ length: 60_000 }, (_, at) => ({ at })) },
    ],
    [
      "has much to do with much",
      {
        properties: {
          a: { items: { anyOf: Array.from({ length: 1_000 }, (_, at) => ({ const: at })) } },
        },
      },
      { a: Array(200_000).fill(999) },
    ],
  ])(
    "is left after some milliseconds when it %s, and the call does not pass",
    (what, schema, value) => {
      const check = createSchemaCheck(schema);
      expect(typeof check).toBe("function");
      const issues = typeof check === "string" ? [] : check(value);
      const message = what === "points at itself" ? "cannot be checked" : "takes too long to check";
      expect(issues).toEqual([{ path: [], message }]);
    },
  );

  it("never makes a check that throws, or that quotes what is in a value", () => {
    const word = fc.constantFrom("type", "properties", "items", "anyOf", "$ref", "enum", "pattern");
    const schema = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.boolean(),
        fc.constantFrom("object", "string", "#", "#/properties/a", "^a", 1, null),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(word, fc.constantFrom("a", "__proto__")), tie("any"), {
          maxKeys: 4,
        }),
      ),
    })).any;
    fc.assert(
      fc.property(schema, fc.jsonValue(), (offered, value) => {
        const check = createSchemaCheck(offered);
        const answer = typeof check === "string" ? [] : check({ hunter2: "hunter2", a: value });
        expect(JSON.stringify(answer.map(({ message }) => message))).not.toContain("hunter2");
      }),
    );
  });
});
