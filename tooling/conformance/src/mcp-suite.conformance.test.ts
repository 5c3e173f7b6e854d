import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type McpGateway, openMcpGateway } from "./mcp-gateway.ts";
import { openTokenProxy, type TokenProxy } from "./mcp-token-proxy.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const suite = at("../node_modules/@modelcontextprotocol/conformance/dist/index.js");
const requirements = ["2025-11-25", "2026-07-28"] as const;

/** Named by the suite, and known to the wrapped server by the same names. */
const names = [
  "accepts_anything",
  "json_schema_2020_12_tool",
  "test_audio_content",
  "test_embedded_resource",
  "test_error_handling",
  "test_header_tool",
  "test_image_content",
  "test_logging_tool",
  "test_multiple_content_types",
  "test_prompt_with_arguments",
  "test_prompt_with_embedded_resource",
  "test_prompt_with_image",
  "test_simple_prompt",
  "test_simple_text",
  "test_streaming_elicitation",
  "test_tool_with_logging",
  "test_tool_with_progress",
];

describeWith(["bwrap", "prlimit"], "the official conformance suite", () => {
  let gateway: McpGateway;
  let proxy: TokenProxy;

  beforeAll(async () => {
    gateway = await openMcpGateway({
      servers: {
        features: {
          from: at("../fixtures/mcp/features.mjs"),
          manifest: "capabilities: [prompt.features.*, resource.features.*]\n",
        },
      },
      workspace: {
        aliases: Object.fromEntries(names.map((name) => [name, `features.${name}`])),
        only_aliases: true,
      },
    });
    proxy = await openTokenProxy(gateway.address, gateway.token);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
  });

  it.each(requirements)("finds the gateway conforming to %s as a server", async (revision) => {
    const { code, out } = await run("server", revision, ["--url", proxy.address]);
    expect({ code, said: complaint(out) }).toMatchObject({ code: 0 });
  });

  // The suite runs these without counting them; a gateway that is asked to check headers does not do it sometimes.
  it.each([
    "http-header-validation",
    "http-custom-header-server-validation",
    "json-schema-2020-12",
    "dns-rebinding-protection",
  ])("finds nothing against the gateway in %s, which may not be listed", async (scenario) => {
    const folder = mkdtempSync(join(tmpdir(), "suite-"));
    const args = ["--url", proxy.address, "--scenario", scenario, "--spec-version", "2026-07-28"];
    const { code, out } = await start(["server", ...args, "-o", folder]);
    const [result = ""] = readdirSync(folder);
    const checks = JSON.parse(readFileSync(join(folder, result, "checks.json"), "utf8")) as Check[];
    removeFolder(folder);
    expect({ code, said: complaint(out) }).toMatchObject({ code: 0 });
    expect(checks.filter(({ status }) => status !== "SUCCESS" && status !== "INFO")).toEqual([]);
  });
});

describe("the official conformance suite", () => {
  const client = `${process.execPath} --conditions=@sigilrt/source ${at("../fixtures/mcp/client-under-test.ts")}`;

  it.each(requirements)("finds the host conforming to %s as a client", async (revision) => {
    const { code, out } = await run("client", revision, ["--command", client]);
    expect({ code, said: complaint(out) }).toMatchObject({ code: 0 });
  });
});

/** What the suite says against us; all that it says is too long to be read. */
const complaint = (out: string): readonly string[] =>
  out.split("\n").filter((line) => /^(?:✗|\s+✗|.*(?:Unexpected|Stale))/u.test(line));

interface Check {
  readonly id: string;
  readonly status: string;
}

/** Runs all that a revision requires; what is expected to fail is listed with its reason, and passing it fails here. */
async function run(
  part: "server" | "client",
  revision: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string }> {
  const expected = at(`../fixtures/mcp/expected-failures-${revision}.yaml`);
  const folder = mkdtempSync(join(tmpdir(), "suite-"));
  const baseline = ["--requirements", revision, "--expected-failures", expected, "-o", folder];
  const result = await start([part, ...args, ...baseline]);
  removeFolder(folder);
  return result;
}

async function start(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [suite, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, out: `${out}\n${err}` };
}
