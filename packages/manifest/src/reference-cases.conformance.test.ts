import {
  EXECUTION_TIERS,
  ManifestError,
  type ManifestIssue,
  parseManifest,
  PLUGIN_ADAPTERS,
  PLUGIN_TYPES,
  validateManifest,
} from "@sigilrt/manifest";
import { describe, expect, it } from "vitest";

const telegram = `name: telegram-channel
version: 1.2.0
type: channel
engine: ">= 1.0.0"
license: MIT
capabilities:
  - sessions.read
  - messages.send.telegram
  - messages.receive
deny_capabilities:
  - exec.*
execution:
  tier: process
  sandbox:
    network:
      allow: ["api.telegram.org:443"]
lifecycle:
  hot_reload: true
  graceful_shutdown_timeout: 30s
`;
const plain = "name: demo\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: process\n";
const decoded = (more: object): unknown => ({
  name: "demo",
  version: "1.0.0",
  type: "tool",
  execution: { tier: "process" },
  ...more,
});

/** Every error of a text; a text that parses has none. */
const errorsOf = (text: string | Uint8Array): readonly ManifestIssue[] => {
  try {
    parseManifest(text);
    return [];
  } catch (error) {
    return error instanceof ManifestError ? error.issues : (Promise.reject(error) as never);
  }
};
const rulesOf = (text: string | Uint8Array): readonly string[] =>
  errorsOf(text).map(({ rule }) => rule);
const errorRules = (value: unknown): readonly string[] =>
  validateManifest(value)
    .filter(({ severity }) => severity === "error")
    .map(({ rule }) => rule);

const pattern = (segments: number): string => Array.from({ length: segments }, () => "a").join(".");

describe("reference cases of plugin.yaml", () => {
  it("M1: parses the channel of the design", () => {
    const manifest = parseManifest(telegram);
    expect(manifest).toMatchObject({
      name: "telegram-channel",
      version: "1.2.0",
      type: "channel",
      engine: ">= 1.0.0",
      license: "MIT",
      execution: { tier: "process" },
      lifecycle: { hotReload: true, gracefulShutdownTimeoutMs: 30_000 },
    });
    expect(manifest.capabilities).toContain("sessions.read");
    expect(manifest.denyCapabilities).toContain("exec.*");
  });

  it("M2: refuses an unknown type and lists the known ones", () => {
    expect(() => parseManifest(plain.replace("tool", "invalid"))).toThrow(
      /type.*provider, channel, tool, skill/u,
    );
  });

  it("M3: refuses an absent and a blank name", () => {
    expect(rulesOf(plain.replace("name: demo\n", ""))).toEqual(["field.required"]);
    expect(rulesOf(plain.replace("demo", '"   "'))).toEqual(["name.malformed"]);
  });

  it("M4: refuses an unknown tier by its path", () => {
    expect(() => parseManifest(plain.replace("process", "quantum"))).toThrow("execution.tier");
  });

  it("M5: refuses an allow that a deny covers", () => {
    const issues = validateManifest(
      decoded({ capabilities: ["exec.run"], deny_capabilities: ["exec.*"] }),
    );
    expect(issues).toContainEqual(
      expect.objectContaining({ rule: "capability.conflict", severity: "error" }),
    );
  });

  it("M6: has the constants of the design", () => {
    expect(PLUGIN_TYPES).toEqual(["provider", "channel", "tool", "skill"]);
    expect(EXECUTION_TIERS).toEqual(["wasm", "process", "container"]);
    expect(PLUGIN_ADAPTERS).toEqual(["grpc", "mcp-stdio", "component", "module"]);
  });

  it.each(["1.0.0", "0.1.0", "2.3.4-beta.1", "1.0.0+build.123", "10.20.30-alpha.1+meta"])(
    "M7: takes version %s",
    (version) => {
      expect(parseManifest(plain.replace("1.0.0", version)).version).toBe(version);
    },
  );

  it.each(["latest", "v1.0.0", "1.0.0.0", "01.0.0", "1.02.0", "-1.0.0", '"1.0"', '"1"'])(
    "M8: refuses version %s",
    (version) => {
      expect(rulesOf(plain.replace("1.0.0", version))).toEqual(["version.not-semver"]);
    },
  );

  it.each(["1.0", "1"])("M8: refuses version %s without quotes and says to quote it", (version) => {
    const [issue] = errorsOf(plain.replace("1.0.0", version));
    expect(issue).toMatchObject({ rule: "field.type", line: 2, column: 10 });
    expect(issue?.message).toContain("quote it");
  });

  it.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ['""', 10_000],
  ])("M9: takes %s to leave", (text, ms) => {
    const manifest = parseManifest(`${plain}lifecycle:\n  graceful_shutdown_timeout: ${text}\n`);
    expect(manifest.lifecycle.gracefulShutdownTimeoutMs).toBe(ms);
  });

  it.each([
    ["not-a-duration", "duration.malformed"],
    ["abc", "duration.malformed"],
    ["-1s", "duration.negative"],
  ])("M9: refuses %s", (text, rule) => {
    expect(rulesOf(`${plain}lifecycle:\n  graceful_shutdown_timeout: ${text}\n`)).toEqual([rule]);
  });

  it("M10: refuses a pattern of 33 segments and takes one of 32", () => {
    expect(rulesOf(`${plain}capabilities: [${pattern(33)}]\n`)).toEqual(["capability.segments"]);
    expect(rulesOf(`${plain}capabilities: [${pattern(32)}]\n`)).toEqual([]);
  });

  const container = (lines: string): string => plain.replace("process\n", `container\n${lines}`);
  it.each([
    ["no image", "  memory_limit: 64Mi\n", "container.image"],
    ["no memory limit", "  image: ghcr.io/o/p:1\n", "container.memory"],
    [
      "an unknown network",
      "  image: ghcr.io/o/p:1\n  memory_limit: 64Mi\n  network: open\n",
      "container.network",
    ],
    ["a path as image", "  image: ./local\n  memory_limit: 64Mi\n", "container.image"],
    ["a tab in the image", '  image: "a\\tb"\n  memory_limit: 64Mi\n', "container.image"],
    ["a newline in the image", '  image: "a\\nb"\n  memory_limit: 64Mi\n', "container.image"],
  ])("M11: refuses a container with %s", (_fault, lines, rule) => {
    expect(rulesOf(container(lines))).toEqual([rule]);
  });

  it("M12: shows where an allow and a deny overlap", () => {
    const text = `${plain}capabilities: [filesystem.read./data/*]\ndeny_capabilities: [filesystem.read./data/secret]\n`;
    expect(errorsOf(text)).toEqual([
      expect.objectContaining({
        rule: "capability.conflict",
        message: expect.stringContaining("overlap at filesystem.read./data/secret"),
      }),
    ]);
  });

  it("M13: takes container fields, masks and storage in a process manifest, with warnings only", () => {
    const manifest = parseManifest(`${plain}  image: ghcr.io/o/p:1
  network: restricted
  memory_limit: 256Mi
  sandbox:
    filesystem:
      write_allow: [/data/plugins/self/*]
      read_deny: [/etc/shadow, ~/.ssh/*]
    network:
      allow: [api.example.org:443]
      proxy: true
storage:
  kv: true
  volumes: [{name: cache, mount: /data/cache, size_limit: 1Gi, persist: false}]
  memory:
    collections: [{name: notes, embedding_model: small, max_entries: 1000}]
`);
    expect(manifest.warnings.map(({ rule }) => rule)).toEqual(["field.unused", "field.unused"]);
    expect(manifest.execution.sandbox.filesystem.readDeny).toEqual(["/etc/shadow", "~/.ssh/*"]);
    expect(manifest.storage.volumes).toEqual([
      { name: "cache", mount: "/data/cache", sizeLimitBytes: 1_073_741_824, persist: false },
    ]);
  });

  it("M14: suggests what was meant by a misspelt key", () => {
    const text = plain.replace("execution:", "executoin:");
    expect(errorsOf(`${text}permissions: []\n`)).toEqual([
      expect.objectContaining({ rule: "field.required", path: ["execution", "tier"] }),
      expect.objectContaining({
        rule: "field.unknown",
        path: ["executoin"],
        suggestion: "execution",
        line: 4,
        column: 1,
      }),
      expect.objectContaining({
        rule: "field.unknown",
        path: ["permissions"],
        suggestion: "capabilities",
        line: 6,
        column: 1,
      }),
    ]);
  });

  it.each([
    [
      "nine levels of aliases",
      Array.from(
        { length: 9 },
        (_, level) => `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`,
      ).join("\n"),
      "yaml.alias",
    ],
    ["10 MiB", `x: ${"y".repeat(10 * 1_048_576)}`, "yaml.size"],
    ["10,000 nested brackets", `a: ${"[".repeat(10_000)}${"]".repeat(10_000)}`, "yaml.depth"],
    ["10,000 values", `a: [${"1,".repeat(10_000)}]`, "yaml.nodes"],
    ["two documents", `${plain}---\n${plain}`, "yaml.documents"],
    ["a key twice", `${plain}name: other\n`, "yaml.duplicate-key"],
    ["a long text", `a: ${"y".repeat(16_385)}`, "yaml.size"],
    ["a tag", "a: !!js/function x", "yaml.tag"],
    ["a merge key", "a: {<<: {b: 1}}", "yaml.alias"],
    ["a directive", "%YAML 1.1\n---\na: yes", "yaml.syntax"],
    ["a tab for an indent", "a:\n\tb: 1", "yaml.syntax"],
    ["a key that is a list", "[a]: 1", "field.type"],
    ["a key that is a number", "1: 1", "field.type"],
    ["a bracket that is never closed", "a: [", "yaml.syntax"],
  ])("M15: refuses %s before it becomes a value", (_attack, text, rule) => {
    expect(rulesOf(text)).toContain(rule);
  });

  it("M16: finds eight independent faults, in order, each in its place", () => {
    const text = `name: Demo
version: 1.0
type: gadget
engine: ">2 <1"
capabilities: [exec.run, "mess*"]
adapter: module
colour: red
execution:
  tier: process
env: {LD_PRELOAD: x}
`;
    expect(errorsOf(text).map(({ rule, line, column }) => [rule, line, column])).toEqual([
      ["name.malformed", 1, 7],
      ["field.type", 2, 10],
      ["field.value", 3, 7],
      ["engine.unsatisfiable", 4, 9],
      ["capability.malformed", 5, 31],
      ["adapter.mismatch", 6, 10],
      ["field.unknown", 7, 1],
      ["env.reserved", 10, 7],
    ]);
  });

  it("M17: refuses hosts without the proxy", () => {
    const text = `${plain}  sandbox:\n    network: {allow: ["x.org:443"], proxy: false}\n`;
    expect(rulesOf(text)).toEqual(["network.proxy-required"]);
  });

  it("M18: refuses variables that steer a loader or a shell", () => {
    expect(rulesOf(`${plain}env: {LD_PRELOAD: x}\n`)).toEqual(["env.reserved"]);
    expect(rulesOf(`${plain}secrets: [{name: t, env: PATH}]\n`)).toEqual(["env.reserved"]);
  });

  it("M19: refuses an adapter of another tier", () => {
    expect(rulesOf(`${plain.replace("process", "wasm")}adapter: mcp-stdio\n`)).toEqual([
      "adapter.mismatch",
    ]);
    expect(rulesOf(`${plain}adapter: module\n`)).toEqual(["adapter.mismatch"]);
  });

  it.each(["__proto__", "constructor"])(
    "M20: refuses key %s wherever it stands and touches no prototype",
    (key) => {
      const text = `${plain}  ${key}: {polluted: true}\n  sandbox:\n    ${key}: {polluted: true}\n${key}: {polluted: true}\n`;
      expect(rulesOf(text)).toEqual(["field.unknown", "field.unknown", "field.unknown"]);
      expect(
        errorRules(
          JSON.parse(JSON.stringify(decoded({})).replace(/\}$/u, `,"${key}":{"polluted":true}}`)),
        ),
      ).toEqual(["field.unknown"]);
      expect(({} as { readonly polluted?: boolean }).polluted).toBeUndefined();
    },
  );
});
