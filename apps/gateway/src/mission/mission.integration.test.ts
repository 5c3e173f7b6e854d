import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpClient, textOf } from "../testing/clients.ts";
import {
  type GatewayFolder,
  makeGatewayFolder,
  type RunningGateway,
  runSigilCommand,
  startGateway,
} from "../testing/start-gateway.ts";

let place: GatewayFolder;
let gateway: RunningGateway;
let repository: string;
beforeAll(async () => {
  place = makeGatewayFolder({ plugins: ["text"] });
  repository = join(place.folder, "repository");
  mkdirSync(join(repository, ".git"), { recursive: true });
  mkdirSync(join(repository, "out"));
  writeFileSync(join(repository, ".git/HEAD"), `${"a".repeat(40)}\n`);
  gateway = await startGateway(place.config);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const sigil = (verb: string, ...args: readonly string[]): ReturnType<typeof runSigilCommand> =>
  runSigilCommand("mission", verb, "--config", place.config, ...args);

const isNoSocket = (path: string): boolean => !lstatSync(path).isSocket();

/** Writes a mission file and runs it for ada. */
async function run(
  path: string,
  more: object = {},
): Promise<{ readonly code: number | null; readonly id: string; readonly status: string }> {
  const file = join(place.folder, "mission.yaml");
  const write = {
    name: "write",
    operation: "mission.file.write",
    params: { content: "counted" },
    paths: [path],
    compensation: { type: "delete", paths: [path] },
  };
  const count = {
    name: "count",
    operation: "tool.text.count",
    params: { text: "one two" },
    compensation: { type: "none", reason: "it only reads" },
  };
  const mission = {
    name: "count-words",
    workspace: "studio",
    allow_ops: ["tool.text.*", "mission.file.write"],
    allow_paths: ["**"],
    deny_paths: [],
    protected_paths: [],
    max_budget_usd: "0",
    expires_at: null,
    steps: [count, write],
    ...more,
  };
  writeFileSync(file, JSON.stringify(mission));
  const { code, out, err } = await sigil(
    ...(["run", "--json", "--user", "ada", "--repository", repository, file] as const),
  );
  const [id = "", status = err] = out === "" ? [] : Object.values(JSON.parse(out)).map(String);
  return { code, id, status };
}

describe("a mission on a gateway", () => {
  it("runs, is shown, and verifies offline", async () => {
    const { code, id, status } = await run("out/words.txt");
    expect([code, status]).toEqual([0, "ok"]);
    expect(readFileSync(join(repository, "out/words.txt"), "utf8")).toBe("counted");
    const audit = await runSigilCommand("audit", "query", "--config", place.config, "--json");
    expect(audit.out).toContain('"mission":"count-words"');

    // Whoever has a copy needs no gateway.
    const copy = join(place.folder, "copy");
    cpSync(place.data, join(copy, "data"), { recursive: true, filter: isNoSocket });
    writeFileSync(join(copy, "gateway.yaml"), readFileSync(place.config));
    const offline = (verb: string, ...args: readonly string[]): ReturnType<typeof sigil> =>
      runSigilCommand("mission", verb, "--config", join(copy, "gateway.yaml"), ...args);
    const { out } = await offline("show", "--json", id);
    expect(JSON.parse(out)).toMatchObject({
      ended: "ok",
      denials: [],
      verifies: true,
      steps: [
        { stepId: "1-count", status: "ok" },
        { stepId: "2-write", status: "ok" },
      ],
    });
    expect(await offline("verify", id)).toMatchObject({ code: 0 });
    const journal = join(copy, "data/missions", `${id}.jsonl`);
    truncateSync(journal, readFileSync(journal, "utf8").lastIndexOf('{"at"'));
    expect(await offline("verify", id)).toEqual({
      code: 6,
      out: "DOES NOT VERIFY: truncated\n",
      err: "",
    });
  });

  it.each([
    ["something outside of its operations", "out/x", { allow_ops: ["tool.text.*"] }],
    ["the repository's own rules", ".git/hooks/pre-commit", {}],
    ["a path that it denies", "out/private/x", { deny_paths: ["OUT/Private"] }],
  ])("that does %s ends with 7, and nothing is written", async (_, path, more) => {
    const { code, id, status } = await run(path, more);
    expect([code, status]).toEqual([7, "denied"]);
    expect(existsSync(join(repository, path))).toBe(false);
    expect((await sigil("show", id)).out).toContain("denied  2-write mission.file.write: ");
  });

  it("is not run when its file has a fault, or nobody knows its user", async () => {
    const { code, status } = await run("out/x", { allow_opps: [] });
    expect(code).toBe(3);
    expect(status).toContain('did you mean "allow_ops"?');
    expect(await run("out/x", { workspace: "nowhere" })).toMatchObject({ code: 3 });
  });
});

describe("a token of a mission", () => {
  /** A client whose token is bound to a mission that ends at a time. */
  async function boundClient(expires: string | null): Promise<Client> {
    const file = join(place.folder, "bound.yaml");
    const bounds = {
      name: "count-only",
      workspace: "studio",
      allow_ops: ["tool.text.count"],
      allow_paths: [],
      deny_paths: [],
      protected_paths: [],
      max_budget_usd: "0",
      expires_at: expires,
      steps: [
        {
          name: "count",
          operation: "tool.text.count",
          compensation: { type: "none", reason: "it only reads" },
        },
      ],
    };
    writeFileSync(file, JSON.stringify(bounds));
    const owner = ["--user", "ada", "--workspace", "studio"] as const;
    const made = await runSigilCommand(
      ...(["token", "create", "--config", place.config, ...owner, "--mission", file] as const),
    );
    expect(made).toMatchObject({ code: 0 });
    return httpClient(gateway.address, made.out.trim(), "2026-07-28");
  }

  it("is shown and may call what the mission covers, whatever its user may", async () => {
    const client = await boundClient(null);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["text.count"]);
    expect(await textOf(client, "text.count", { text: "one two" })).toContain("2");
    await expect(client.callTool({ name: "text.slug", arguments: {} })).rejects.toThrow(
      "Unknown tool",
    );
    await client.close();
    const { out } = await runSigilCommand(
      ...(["audit", "query", "--config", place.config, "--json"] as const),
    );
    const recorded = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(recorded).toContainEqual(
      expect.objectContaining({
        capability: "tool.text.count",
        mission: "count-only",
        result: "allowed",
      }),
    );
    expect(recorded).toContainEqual(
      expect.objectContaining({
        capability: "tool.text.slug",
        mission: "count-only",
        result: "denied",
      }),
    );
  });

  it("may nothing once the mission is over", async () => {
    const client = await boundClient("2026-01-01T00:00:00Z");
    expect((await client.listTools()).tools).toEqual([]);
    await expect(client.callTool({ name: "text.count", arguments: {} })).rejects.toThrow(
      "Unknown tool",
    );
    await client.close();
  });
});
