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
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
