import { ManifestError, type ManifestIssue, parseManifest } from "@sigilrt/manifest";
import { describe, expect, it } from "vitest";

const plain = "name: demo\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: process\n";
const wasm = plain.replace("process", "wasm");
const sandbox = (lines: string): string => `${plain}  sandbox:\n${lines}`;
const issuesOf = (text: string | Uint8Array): readonly ManifestIssue[] => {
  try {
    return parseManifest(text).warnings;
  } catch (error) {
    return error instanceof ManifestError ? error.issues : (Promise.reject(error) as never);
  }
};

describe("each rule, by one fault", () => {
  it.each([
    ["yaml.syntax", "a: {"],
    ["yaml.size", `a: ${"x".repeat(20_000)}`],
    ["yaml.depth", `a: ${"[".repeat(17)}${"]".repeat(17)}`],
    ["yaml.nodes", `a: [${"x,".repeat(5_000)}]`],
    ["yaml.alias", `${plain}env: &e {}`],
    ["yaml.tag", `${plain}description: !!str x`],
    ["yaml.duplicate-key", `${plain}type: tool`],
    ["yaml.documents", `${plain}---\n{}`],
    ["text.encoding", Uint8Array.of(0x61, 0xff)],
    ["text.encoding", `\uFEFF${plain}`],
    ["text.encoding", `${plain}description: \uD800`],
    ["field.unknown", `${plain}colour: red`],
    ["field.required", plain.replace("type: tool\n", "")],
    ["field.type", `${plain}tools: echo`],
    ["field.value", `${plain}lifecycle: {scope: world}`],
    ["field.value", `${plain}description: "a\\u202Eb"`],
    ["field.value", `${plain}env: {A: "a\\0b"}`],
    ["field.range", `${plain}resources: {pids: 5000}`],
    ["field.range", `${plain}resources: {timeouts: {call: 1s, idle: 2s}}`],
    ["field.range", `${plain}health: {interval: 2s, timeout: 2s}`],
    ["field.length", `${plain}description: ${"x".repeat(501)}`],
    ["field.count", `${plain}entry: {command: [${"a,".repeat(65)}]}`],
    ["field.count", `${plain}entry: {command: []}`],
    ["field.duplicate", `${plain}tools: [echo, {name: echo}]`],
    ["field.unused", `${plain}resources: {fuel: 10}`],
    ["name.malformed", plain.replace("demo", "a--b")],
    ["name.malformed", plain.replace("demo", "acme/demo")],
    ["name.malformed", plain.replace("demo", "x".repeat(65))],
    ["name.reserved", plain.replace("demo", "gateway")],
    ["version.not-semver", plain.replace("1.0.0", "1.0.0-")],
    ["engine.not-range", `${plain}engine: newest`],
    ["engine.unsatisfiable", `${plain}engine: ">2.0.0 <1.0.0"`],
    ["capability.malformed", `${plain}capabilities: [a..b]`],
    ["capability.malformed", `${plain}capabilities: [net.connect.example.org]`],
    ["capability.segments", `${plain}capabilities: [${"a.".repeat(32)}a]`],
    ["capability.conflict", `${plain}capabilities: [exec.run]\ndeny_capabilities: ["*"]`],
    [
      "capability.conflict",
      `${sandbox('    network: {allow: ["x.org:443"]}\n')}deny_capabilities: [net.*]`,
    ],
    ["capability.star", `${plain}capabilities: ["*"]`],
    ["capability.star", `${plain}capabilities: ["net.connect.api.*.org:443"]`],
    [
      "capability.redundant",
      `${plain}capabilities: [{pattern: exec.run, description: r}, {pattern: exec.*, description: r}]`,
    ],
    ["capability.no-rationale", `${plain}capabilities: [exec.run]`],
    ["tool.name", `${plain}tools: ["bad name"]`],
    ["entry.missing-kind", `${plain}entry: {}`],
    ["entry.missing-kind", `${wasm}entry: {command: [node]}`],
    ["entry.missing-kind", `${plain}entry: {module: a.wasm}`],
    ["entry.both", `${plain}entry: {command: [node], module: a.wasm}`],
    ["entry.unsafe-path", `${plain}entry: {command: ["../../bin/sh"]}`],
    ["entry.unsafe-path", `${plain}entry: {command: [/bin/sh]}`],
    ["entry.unsafe-path", `${wasm}entry: {module: a.txt}`],
    ["adapter.mismatch", `${plain.replace("type: tool", "type: channel")}adapter: mcp-stdio`],
    ["env.name", `${plain}env: {lower: x}`],
    ["env.reserved", `${plain}env: {NODE_OPTIONS: x}`],
    ["secret.name", `${plain}secrets: [{name: Token}]`],
    ["secret.env-clash", `${plain}env: {A: x}\nsecrets: [{name: t, env: A}]`],
    ["secret.env-clash", `${plain}secrets: [{name: t, env: A}, {name: u, env: A}]`],
    ["path.not-canonical", sandbox("    filesystem: {write_allow: [/data/../etc]}\n")],
    ["path.not-canonical", sandbox("    filesystem: {write_allow: [data]}\n")],
    ["path.not-canonical", sandbox("    filesystem: {read_deny: [~root/x]}\n")],
    ["path.pattern", sandbox("    filesystem: {write_allow: [/data/*/logs]}\n")],
    ["network.entry", sandbox("    network: {allow: [example.org]}\n")],
    ["network.entry", sandbox('    network: {allow: ["EXAMPLE.org:443"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["user@example.org:443"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["*.org:443"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["*.2.3.4:443"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["0x7f.1:80"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["example.org:65536"]}\n')],
    ["network.entry", sandbox('    network: {allow: ["example.org:0443"]}\n')],
    ["network.proxy-required", sandbox('    network: {allow: ["x.org:443"], proxy: false}\n')],
    ["container.image", plain.replace("process", "container\n  memory_limit: 64Mi")],
    ["container.memory", plain.replace("process", "container\n  image: a/b:1")],
    ["container.network", `${plain}  network: open`],
    ["memory.two-values", `${plain}  memory_limit: 64Mi\nresources: {memory: 65Mi}`],
    ["duration.malformed", `${plain}resources: {timeouts: {call: 1.5s}}`],
    ["duration.malformed", `${plain}resources: {timeouts: {call: 1s1m}}`],
    ["duration.negative", `${plain}resources: {timeouts: {call: -1s}}`],
    ["duration.range", `${plain}resources: {timeouts: {start: 11m}}`],
    ["size.malformed", `${plain}resources: {memory: 64mi}`],
    ["size.range", `${plain}resources: {memory: 1Mi}`],
    ["size.range", `${plain}resources: {max_result: 0}`],
    ["config.schema", `${plain}config_schema: {type: string}`],
    [
      "config.schema",
      `${plain}config_schema: {type: object, properties: {a: {$ref: "https://x.org/s"}}}`,
    ],
    [
      "config.schema",
      `${plain}config_schema: {type: object, properties: {a: {type: string, pattern: "${"a".repeat(257)}"}}}`,
    ],
    ["config.schema", `${plain}config_schema: {type: object, properties: {a: {type: wish}}}`],
    [
      "config.secret",
      `${plain}config_schema: {type: object, properties: {a: {type: integer, secret: true}}}`,
    ],
    [
      "config.secret",
      `${plain}config_schema: {type: object, properties: {a: {type: string, secret: true, default: x}}}`,
    ],
    ["dependency.self", `${plain}dependencies: {demo: "*"}`],
    ["dependency.range", `${plain}dependencies: {other: soon}`],
    ["storage.mount", `${plain}storage: {volumes: [{name: a, mount: /etc}]}`],
    ["storage.mount", `${plain}storage: {volumes: [{name: a, mount: /data/../etc}]}`],
  ])("%s: %j", (rule, text) => {
    expect(issuesOf(text).map((issue) => issue.rule)).toContain(rule);
  });
});

describe("what is not a fault", () => {
  it.each([
    ["a bare manifest", plain],
    [
      "null for what is absent",
      `${plain}entry: null\nresources: null\ncapabilities: null\nenv: {}`,
    ],
    ["a denial of everything, when nothing is asked", `${plain}deny_capabilities: ["*"]`],
    [
      "a property that is called secret",
      `${plain}config_schema: {type: object, properties: {secret: {type: string}}}`,
    ],
    [
      "a secret",
      `${plain}config_schema: {type: object, properties: {token: {type: string, secret: true}}}`,
    ],
    [
      "hosts with a star, an address and a bracket",
      sandbox('    network: {allow: ["*.example.org:443", "192.0.2.7:80", "[2001:db8::1]:443"]}\n'),
    ],
    [
      "a container with everything",
      plain.replace(
        "process",
        "container\n  image: ghcr.io/o/p:1\n  memory_limit: 64Mi\n  network: host",
      ),
    ],
    [
      "a container whose image has an entry point",
      `${plain.replace("process", "container\n  image: a/b:1\n  memory_limit: 64Mi")}entry: {}`,
    ],
    ["health that is never asked for", `${plain}health: {interval: 0s, timeout: 5s}`],
    ["equal memory in two spellings", `${plain}  memory_limit: 64Mi\nresources: {memory: 65536Ki}`],
    ["a runtime by name", `${plain}entry: {command: [node, main.js, --, "-x"]}`],
  ])("%s", (_what, text) => {
    expect(issuesOf(text)).toEqual([]);
  });
});
