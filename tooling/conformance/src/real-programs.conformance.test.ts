import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { compilePolicy, type PolicyRequest, type SandboxedProcess } from "@sigilrt/sandbox";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layOutPublished } from "./lay-out-published.ts";
import { openMcpLines } from "./mcp-lines.ts";
import { openPlace, placesHere, type ProgramPlace } from "./program-place.ts";

const isRoot = process.getuid?.() === 0;
const scope = "@modelcontextprotocol";
const has = (program: string, argument = "--version"): boolean =>
  spawnSync(program, [argument], { stdio: "ignore" }).status === 0;
const needs = (program: string, isThere: boolean): string =>
  isThere ? "" : ` (not proven here: needs ${program})`;
const hasGo = has("go", "version");
const hasGit = has("/usr/bin/git");

const limits = {
  memoryBytes: 536_870_912,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 16_777_216,
  tmpBytes: 16_777_216,
};

/** A published server: what it needs beside its own files, and one call of each of its kind. */
interface Server {
  readonly name: string;
  readonly args?: (folder: string) => readonly string[];
  readonly grants?: (folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly arguments: (folder: string) => object;
  readonly answers: RegExp;
}

const servers: readonly Server[] = [
  {
    name: "server-filesystem",
    args: (folder) => [folder],
    grants: (folder) => [`filesystem.write.${folder}/*`],
    tool: "write_file",
    arguments: (folder) => ({ path: `${folder}/note.txt`, content: "written inside" }),
    answers: /Successfully wrote/u,
  },
  {
    name: "server-memory",
    env: { MEMORY_FILE_PATH: "/data/plugins/self/memory.json" },
    tool: "create_entities",
    arguments: () => ({
      entities: [{ name: "Ada", entityType: "person", observations: ["counts"] }],
    }),
    answers: /Ada/u,
  },
  {
    name: "server-everything",
    args: () => ["stdio"],
    tool: "echo",
    arguments: () => ({ message: "back again" }),
    answers: /back again/u,
  },
  {
    name: "server-sequential-thinking",
    tool: "sequentialthinking",
    arguments: () => ({
      thought: "first",
      nextThoughtNeeded: false,
      thoughtNumber: 1,
      totalThoughts: 1,
    }),
    answers: /thoughtHistoryLength/u,
  },
];

const goProgram = `package main

import ("fmt"; "os"; "runtime")

func main() {
	_, err := os.ReadFile("/etc/shadow")
	fmt.Println(runtime.GOOS, err != nil, os.WriteFile("/data/plugins/self/go", []byte("x"), 0o644))
}
`;
const pythonProgram = `
import json, os, sqlite3
try: open("/etc/shadow").read(); print("open")
except OSError as error: print(type(error).__name__)
with sqlite3.connect("/data/plugins/self/db") as db:
    print(json.dumps(db.execute("select 6 * 7").fetchone()))
`;

/** Makes what every place gets a copy of: the servers, a script of each kind and, with a compiler, a program of Go. */
function makeTree(): string {
  const tree = mkdtempSync(join(realpathSync(tmpdir()), "tree-"));
  layOutPublished(
    servers.map(({ name }) => `${scope}/${name}`),
    tree,
  );
  writeFileSync(join(tree, "main.py"), pythonProgram);
  writeFileSync(
    join(tree, "history.sh"),
    '#!/bin/sh\nexec git -c safe.directory="$1" -C "$1" log --format=%s\n',
  );
  chmodSync(join(tree, "history.sh"), 0o755);
  if (hasGo) buildGo(join(tree, "main"));
  chmodSync(tree, 0o755);
  return tree;
}

function buildGo(program: string): void {
  const workshop = mkdtempSync(join(tmpdir(), "go-"));
  writeFileSync(join(workshop, "main.go"), goProgram);
  const offline = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOPROXY: "off" };
  execFileSync("go", ["build", "-o", program, join(workshop, "main.go")], {
    env: { PATH: process.env["PATH"], HOME: workshop, ...offline },
  });
  removeFolder(workshop);
}

interface Run {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

describeWith(["bwrap", "prlimit", "python"], "real programs, each with only what it needs,", () => {
  let tree: string;
  beforeAll(() => {
    tree = makeTree();
  });
  afterAll(() => removeFolder(tree));

  describe.each(placesHere)("from %s", (name) => {
    let place: ProgramPlace;
    let data: string;
    beforeAll(async () => {
      place = await openPlace(name, tree);
      data = place.addFolder("data");
    });
    afterAll(() => place[Symbol.asyncDispose]());

    const start = (
      changes: Pick<PolicyRequest, "command"> & Partial<PolicyRequest>,
      env: Readonly<Record<string, string>> = {},
    ): Promise<SandboxedProcess> =>
      place.sandbox.launch(
        compilePolicy({
          plugin: "program",
          grants: [],
          code: place.code,
          data,
          limits,
          platform: "linux",
          ...changes,
        }),
        { env },
      );
    const run = async (
      changes: Pick<PolicyRequest, "command"> & Partial<PolicyRequest>,
    ): Promise<string> => {
      const started = await start(changes);
      const [stdout, stderr] = await Promise.all([text(started.stdout), text(started.stderr)]);
      await started.close();
      return stdout + stderr;
    };

    it.each(servers)("$name answers initialize, tools/list and a call", async (server) => {
      const folder = place.addFolder(`for-${server.name}`);
      const main = `/plugin/node_modules/${scope}/${server.name}/dist/index.js`;
      await using started = await start(
        {
          command: ["node", main, ...(server.args?.(folder) ?? [])],
          grants: server.grants?.(folder) ?? [],
        },
        server.env,
      );
      const complaints = text(started.stderr);
      const client = openMcpLines(started.stdin, started.stdout, complaints);
      const { serverInfo } = await client.ask("initialize", {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "conformance", version: "1" },
      });
      expect(serverInfo).toMatchObject({ name: expect.any(String) });
      client.tell("notifications/initialized");
      const { tools } = await client.ask("tools/list", {});
      expect(tools).toContainEqual(expect.objectContaining({ name: server.tool }));
      const called = await client.ask("tools/call", {
        name: server.tool,
        arguments: server.arguments(folder),
      });
      expect(called["isError"] ?? false).toBe(false);
      expect(JSON.stringify(called["content"])).toMatch(server.answers);
    });

    it("what server-filesystem wrote lies where it was granted, on the host", () => {
      const note = join(place.code, "..", "for-server-filesystem", "note.txt");
      expect(readFileSync(note, "utf8")).toBe("written inside");
    });

    it("a script of Python reads, writes and is refused", async () => {
      const printed = await run({ command: ["python3", "/plugin/main.py"] });
      expect(printed).toMatch(/^(?:FileNotFoundError|PermissionError)\n\[42\]\n$/u);
    });

    it.skipIf(!hasGo)(
      `a program of Go runs, writes and is refused${needs("go", hasGo)}`,
      async () => {
        expect(await run({ command: ["main"] })).toBe("linux true <nil>\n");
      },
    );

    it.skipIf(!hasGit)(
      `git reads the history of a granted repository${needs("git", hasGit)}`,
      async () => {
        const repository = place.addFolder("repository");
        const git = (...args: readonly string[]) =>
          execFileSync("/usr/bin/git", ["-C", repository, "-c", "safe.directory=*", ...args], {
            stdio: "ignore",
          });
        git("init", "-q", "-b", "main");
        writeFileSync(join(repository, "file"), "text");
        git("add", "file");
        git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "the first");
        const printed = await run({
          command: ["history.sh", repository],
          grants: [`filesystem.read.${repository}/*`, "exec.run./usr/bin/git"],
        });
        expect(printed).toBe("the first\n");
      },
    );

    it.each(isRoot && name === "a closed home of root" ? [name] : [])(
      "the tree in %s itself is refused, by the name of what is closed",
      async () => {
        const code = join(place.checkout, "tree");
        await expect(start({ code, command: ["node", "/plugin/main.py"] })).rejects.toThrow(
          /is kept out by/u,
        );
      },
    );
  });

  const repository = fileURLToPath(new URL("../../..", import.meta.url));
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const user = { uid: 65_534, gid: 65_534 };
  const isReadable =
    !isRoot ||
    spawnSync(process.execPath, [vitest, "--version"], { ...user, cwd: "/", stdio: "ignore" })
      .status === 0;
  const mark = isReadable ? "" : " (not proven here: needs a clone that an ordinary user can read)";

  it.skipIf(!isRoot || !isReadable)(`from an ordinary user's home, as that user${mark}`, () => {
    const home = mkdtempSync(join(realpathSync(tmpdir()), "home-"));
    chmodSync(home, 0o700);
    chownSync(home, user.uid, user.gid);
    const report = join(home, "report.json");
    const options = [
      "--configLoader",
      "native",
      "--reporter",
      "json",
      "--outputFile",
      report,
      "-t",
      "home",
    ];
    const file = fileURLToPath(import.meta.url);
    spawnSync(process.execPath, [vitest, "run", "--project", "conformance", ...options, file], {
      ...user,
      cwd: repository,
      env: { PATH: process.env["PATH"], HOME: home, CI: process.env["CI"] },
      stdio: "ignore",
    });
    const results = readFileSync(report, "utf8");
    removeFolder(home);
    const { testResults } = JSON.parse(results) as Run;
    const cells = testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = cells.filter(({ status }) => status === "failed");
    expect(failed.map(({ fullName }) => fullName)).toEqual([]);
    const ofHome = cells.filter(({ fullName }) => fullName.includes("an ordinary user's home"));
    expect(ofHome.filter(({ status }) => status === "passed").length).toBeGreaterThan(5);
  });
});
