import {
  decideEngine,
  type Manifest,
  ManifestError,
  manifestJsonSchema,
  parseManifest,
  requestedCapabilities,
  validateConfig,
  validateManifest,
} from "@sigilrt/manifest";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";

const plain = "name: demo\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: process\n";
const failureOf = (text: string | Uint8Array): ManifestError | undefined => {
  try {
    parseManifest(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ManifestError);
    return error as ManifestError;
  }
};
const isFrozenDeep = (value: unknown): boolean =>
  typeof value !== "object" ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozenDeep));

const word = fc.constantFrom(
  "echo",
  "a b",
  "exec.run",
  "exec.*",
  "*",
  "30s",
  "-1s",
  "64Mi",
  "",
  "x.org:443",
  "node",
  "../x",
  "/data/*",
);
const leaf = fc.oneof(word, fc.boolean(), fc.integer(), fc.constant(null), fc.double());
const value: fc.Arbitrary<unknown> = fc.letrec<{ readonly node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        "pattern",
        "description",
        "name",
        "env",
        "command",
        "module",
        "network",
        "allow",
        "proxy",
        "sandbox",
        "tier",
        "call",
        "properties",
        "type",
      ),
      tie("node"),
      { maxKeys: 3 },
    ),
  ),
})).node;
const manifests = fc.record(
  {
    name: fc.constantFrom("demo", "Demo", "self"),
    version: fc.constantFrom("1.0.0", "1", 1),
    type: fc.constantFrom("tool", "skill", "gadget"),
    execution: fc.oneof(fc.constant({ tier: "process" }), fc.constant({ tier: "wasm" }), value),
    capabilities: value,
    deny_capabilities: value,
    tools: value,
    entry: value,
    adapter: fc.constantFrom("grpc", "component", "mcp-stdio"),
    env: value,
    secrets: value,
    resources: value,
    health: value,
    config_schema: value,
    lifecycle: value,
    storage: value,
    colour: value,
  },
  { requiredKeys: ["execution"] },
);

const key = ({
  rule,
  path,
}: {
  readonly rule: string;
  readonly path: readonly unknown[];
}): string => JSON.stringify([rule, path]);
const engine = (range: string): Manifest => parseManifest(`${plain}engine: "${range}"\n`);

describe("parseManifest", () => {
  it("applies the defaults of the design", () => {
    expect(parseManifest(plain)).toEqual({
      name: "demo",
      version: "1.0.0",
      type: "tool",
      engine: "*",
      capabilities: [],
      denyCapabilities: [],
      rationale: {},
      adapter: "grpc",
      env: {},
      secrets: [],
      execution: {
        tier: "process",
        network: "none",
        sandbox: {
          filesystem: { writeAllow: [], readDeny: [] },
          network: { allow: [], proxy: true },
        },
      },
      resources: {
        memoryBytes: 268_435_456,
        cpu: 1,
        pids: 64,
        concurrency: 16,
        maxResultBytes: 4_194_304,
        timeouts: { startMs: 30_000, callMs: 60_000, idleMs: 30_000 },
      },
      health: { intervalMs: 30_000, timeoutMs: 5_000, failures: 3 },
      dependencies: {},
      lifecycle: {
        hotReload: false,
        gracefulShutdownTimeoutMs: 10_000,
        scope: "user",
        maxInstances: 4,
        idleStopMs: 300_000,
      },
      storage: { kv: false, volumes: [], collections: [] },
      warnings: [],
    });
  });

  it("hands out nothing that can be changed", () => {
    expect(isFrozenDeep(parseManifest(`${plain}capabilities: [exec.run]\nenv: {A: x}\n`))).toBe(
      true,
    );
  });

  it("takes component for the adapter of tier wasm", () => {
    expect(parseManifest(plain.replace("process", "wasm")).adapter).toBe("component");
  });

  it("lowers a default that what is written contradicts", () => {
    const manifest = parseManifest(
      `${plain}resources: {timeouts: {call: 5s}}\nhealth: {interval: 2s}\n`,
    );
    expect(manifest.resources.timeouts.idleMs).toBe(5_000);
    expect(manifest.health.timeoutMs).toBe(1_000);
  });

  it("tells too large, not UTF-8 and refused YAML apart", () => {
    expect(failureOf("x".repeat(65_537))?.code).toBe("TOO_LARGE");
    expect(failureOf("é".repeat(40_000))?.code).toBe("TOO_LARGE");
    expect(failureOf(Uint8Array.of(0xff))?.code).toBe("NOT_UTF8");
    expect(failureOf("a: [")?.code).toBe("YAML_REFUSED");
    expect(failureOf("a: 1")?.code).toBe("INVALID");
    expect(failureOf("")?.code).toBe("INVALID");
  });

  it("quotes at most 64 characters of a value and nothing that steers a terminal", () => {
    const failure = failureOf(`${plain}tools: ["\\e[2J${"x".repeat(1_000)}"]\n`);
    expect(failure?.message).toMatch(/^[\x20-\x7E…]{1,240}$/u);
  });

  it("writes at most 50 lines and the count of the rest", () => {
    const tools = Array.from({ length: 60 }, (_, index) => `"bad name ${index}"`).join(", ");
    const lines = failureOf(`${plain}tools: [${tools}]\n`)?.message.split("\n");
    expect(lines).toHaveLength(51);
    expect(lines?.at(-1)).toBe("and 10 more");
  });

  it("throws nothing but ManifestError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => failureOf(bytes)).not.toThrow();
      }),
    );
  });

  it("places every issue inside the text", () => {
    fc.assert(
      fc.property(manifests, (input) => {
        const text = stringify(input, { aliasDuplicateObjects: false });
        const lines = text.split("\n");
        for (const { line = 0, column = 0 } of failureOf(text)?.issues ?? []) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
    );
  });

  it("agrees with validateManifest about every error", () => {
    fc.assert(
      fc.property(manifests, (input) => {
        const text = stringify(input, { aliasDuplicateObjects: false });
        const fromText = failureOf(text)?.issues ?? [];
        const fromValue = validateManifest(parse(text)).filter(
          ({ severity }) => severity === "error",
        );
        expect(fromText.map(key).toSorted()).toEqual(fromValue.map(key).toSorted());
      }),
    );
  });

  it("parses what its own text is written as again", () => {
    fc.assert(
      fc.property(manifests, (input) => {
        const text = stringify(input, { aliasDuplicateObjects: false });
        const again = stringify(parse(text), { aliasDuplicateObjects: false });
        const parsed = [text, again].map((each) => {
          try {
            return JSON.stringify(parseManifest(each));
          } catch (error) {
            return String(error);
          }
        });
        expect(parsed[1]).toBe(parsed[0]);
      }),
    );
  });

  it("parses nothing that its JSON Schema refuses", () => {
    const schema = z.fromJSONSchema(manifestJsonSchema);
    fc.assert(
      fc.property(manifests, (input) => {
        const text = stringify(input, { aliasDuplicateObjects: false });
        const parses = failureOf(text) === undefined;
        expect(schema.safeParse(parse(text)).success || !parses).toBe(true);
      }),
    );
  });
});

describe("validateManifest", () => {
  it("runs no getter and no toJSON", () => {
    let ran = 0;
    const hostile = {
      ...(parse(plain) as object),
      toJSON: () => {
        ran += 1;
        return {};
      },
      get name() {
        ran += 1;
        return "demo";
      },
    };
    expect(validateManifest(hostile).map(({ rule }) => rule)).toContain("field.type");
    expect(ran).toBe(0);
  });

  it("answers with an issue for a proxy that throws", () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("trap");
        },
      },
    );
    expect(validateManifest(trap)).toHaveLength(1);
  });

  it.each([undefined, null, 1, "text", [], Symbol("s"), () => 1, 1n])(
    "answers with an issue for %s",
    (input) => {
      expect(validateManifest(input).length).toBeGreaterThan(0);
    },
  );

  it("ends on a value that contains itself", () => {
    const loop: Record<string, unknown> = parse(plain) as Record<string, unknown>;
    loop["execution"] = loop;
    expect(validateManifest(loop).map(({ rule }) => rule)).toContain("yaml.depth");
  });

  it("gives warnings that do not block", () => {
    expect(validateManifest(parse(`${plain}capabilities: [exec.run]`))).toEqual([
      expect.objectContaining({ severity: "warning", rule: "capability.no-rationale" }),
    ]);
  });
});

describe("requestedCapabilities", () => {
  it("joins what is declared and what the sandbox section implies", () => {
    const manifest = parseManifest(`${plain}  sandbox:
    filesystem: {write_allow: [/data/plugins/self/*, /data/out/*, /data/a%.txt]}
    network: {allow: ["api.example.org:443", "*.example.org:443", "[2001:db8::1]:443"]}
capabilities: [{pattern: sessions.read, description: To greet by name}, net.connect.api.example.org:443]
`);
    expect(requestedCapabilities(manifest)).toEqual([
      { pattern: "sessions.read", source: "declared", rationale: "To greet by name" },
      { pattern: "net.connect.api.example.org:443", source: "declared" },
      { pattern: "filesystem.write./data/out/*", source: "sandbox" },
      { pattern: "filesystem.write./data/a%25.txt", source: "sandbox" },
      { pattern: "net.connect.*.example.org:443", source: "sandbox" },
      { pattern: "net.connect.[2001:db8::1]:443", source: "sandbox" },
    ]);
  });
});

describe("decideEngine", () => {
  it.each([
    ["*", "1.2.3", true],
    [">= 1.0.0", "1.0.0", true],
    [">1", "1.9.9", false],
    [">1", "2.0.0", true],
    ["<=1.2", "1.2.9", true],
    ["<=1.2", "1.3.0", false],
    ["1.x", "1.9.0", true],
    ["1.2.x", "1.3.0", false],
    ["^1.2.3", "1.9.0", true],
    ["^1.2.3", "2.0.0", false],
    ["^0.2.3", "0.2.9", true],
    ["^0.2.3", "0.3.0", false],
    ["^0.0.3", "0.0.4", false],
    ["~1.2.3", "1.2.9", true],
    ["~1.2.3", "1.3.0", false],
    ["~1", "1.9.9", true],
    [">=1 <2 || >=3", "3.1.0", true],
    [">=1 <2 || >=3", "2.1.0", false],
    [">=1.0.0", "2.0.0-rc.1", false],
    [">=2.0.0-rc.0", "2.0.0-rc.1", true],
    [">=2.0.0-rc.2", "2.0.0-rc.1", false],
    ["*", "2.0.0-rc.1", false],
    ["=1.0.0", "1.0.0+build.7", true],
    ["*", "newest", false],
  ])("range %s and version %s: %s", (range, version, supported) => {
    expect(decideEngine(engine(range), version).supported).toBe(supported);
  });

  it("names both sides when they do not fit", () => {
    expect(decideEngine(engine(">=2"), "1.0.0")).toMatchObject({
      code: "ENGINE_UNSUPPORTED",
      message: 'Cannot load "demo": it needs a runtime ">=2", this is "1.0.0"',
    });
  });

  it.each([">2 <1", ">1.0.0 <1.0.1", "<0.0.0", "1.2.3 1.2.4", ">*", "^1 ^2", ">1 <1 || >2 <2"])(
    "refuses the range %s, in which no version is",
    (range) => {
      expect(() => engine(range)).toThrow(/engine\.unsatisfiable/u);
    },
  );

  it.each([
    "1.2.3.4",
    "1.x.3",
    "a",
    "",
    ">=",
    "1 - 2",
    "1||",
    ">=1.2-rc",
    ` ${"1 ".repeat(9)}`,
    "v1",
  ])("does not take %j for a range", (range) => {
    expect(() => engine(range)).toThrow(/engine\.not-range/u);
  });

  it("never refuses a range as empty that some version is in", () => {
    const number = fc.nat(3);
    const version = fc.tuple(number, number, number).map((parts) => parts.join("."));
    const comparator = fc
      .tuple(fc.constantFrom(">", ">=", "<", "<=", "^", "~", "="), version)
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        fc.array(comparator, { minLength: 1, maxLength: 3 }),
        version,
        (comparators, candidate) => {
          const range = comparators.join(" ");
          const text = `${plain}engine: "${range}"\n`;
          const empty = failureOf(text) !== undefined;
          const each = comparators.every(
            (one) =>
              decideEngine(engine(one === "<0.0.0" ? "*" : one), candidate).supported &&
              one !== "<0.0.0",
          );
          expect(each && empty).toBe(false);
        },
      ),
    );
  });
});

describe("validateConfig", () => {
  const manifest = parseManifest(`${plain}config_schema:
  type: object
  additionalProperties: false
  required: [token]
  properties:
    token: {type: string, secret: true, minLength: 3}
    retries: {type: integer, maximum: 5}
    rooms: {type: array, items: {type: object, properties: {key: {type: string, secret: true}}}}
`);

  it("hands out a frozen copy and the places of secrets", () => {
    const config = { token: "abc", retries: 1 };
    const outcome = validateConfig(manifest, config);
    expect(outcome).toEqual({ ok: true, config, secrets: [["token"], ["rooms", "*", "key"]] });
    expect(isFrozenDeep(outcome.ok && outcome.config)).toBe(true);
  });

  it("lists everything that is wrong and never a value", () => {
    const outcome = validateConfig(manifest, { token: "s3", retries: 9, password: "hunter2" });
    expect(outcome.ok).toBe(false);
    expect(outcome.ok ? [] : outcome.issues.map(({ path }) => path)).toEqual([
      ["token"],
      ["retries"],
      [],
    ]);
    expect(JSON.stringify(outcome)).not.toMatch(/s3|hunter2|password/u);
  });

  it("takes no configuration for a plugin without schema", () => {
    const bare = parseManifest(plain);
    expect(validateConfig(bare, {}).ok).toBe(true);
    expect(validateConfig(bare, undefined).ok).toBe(true);
    expect(validateConfig(bare, { a: 1 }).ok).toBe(false);
    expect(validateConfig(bare, []).ok).toBe(false);
  });
});
