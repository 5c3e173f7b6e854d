import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";

const bin = join(import.meta.dirname, "bin.ts");
let folder: string;
let code: string;
let policy: string;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const argvOf = (argv: readonly string[]): string[] => [
  "--conditions=@sigilrt/source",
  bin,
  ...argv,
];
const command = (...argv: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, argvOf(argv), (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
    );
    child.stdin?.end("from outside\n");
  });
const write = (file: Readonly<Record<string, unknown>>): void =>
  writeFileSync(
    policy,
    JSON.stringify({
      code,
      ...(process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {}),
      ...file,
    }),
  );
const run = (program: string, ...argv: readonly string[]): Promise<Ran> => {
  writeFileSync(join(code, "main.mjs"), program);
  return command("--policy", policy, ...argv, "--", "node", "main.mjs", "--help");
};

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "command-"));
  chmodSync(folder, 0o711);
  code = join(folder, "code");
  policy = join(folder, "policy.json");
  mkdirSync(code);
  mkdirSync(join(folder, "shown"));
  writeFileSync(join(folder, "shown/a.txt"), "granted");
  writeFileSync(join(folder, "secret.txt"), "secret");
  write({});
});
afterEach(() => rmSync(folder, { recursive: true }));

describeWith(["bwrap", "prlimit"], "sigil-sandbox", () => {
  it("runs a program under a policy, with its input, output, arguments and exit code", async () => {
    write({ grants: [`filesystem.read.${folder}/shown/*`] });
    const {
      out,
      err,
      code: exit,
    } = await run(
      `import { readFileSync } from "node:fs";
const read = (path) => { try { return readFileSync(path, "utf8"); } catch (error) { return error.code; } };
console.log(read(0).trim(), process.argv[2], process.env.COLOUR);
console.log(read(${JSON.stringify(`${folder}/shown/a.txt`)}), read(${JSON.stringify(`${folder}/secret.txt`)}));
console.error("heard"); process.exit(7);`,
      "--env",
      "COLOUR=a=b",
    );
    expect({ out, err, exit }).toEqual({
      out: "from outside --help a=b\ngranted ENOENT\n",
      // Descriptors of whoever started the command are named before.
      err: expect.stringMatching(/heard\n$/u),
      exit: 7,
    });
  });

  it("lets a program reach what was granted, and says so", async () => {
    const server = createServer((_request, response) => response.end("from the network"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    write({ grants: [`net.connect.127.0.0.1:${port}`] });
    const { out, err } = await run(
      `const get = async (port) => (await fetch("http://127.0.0.1:" + port).catch(() => undefined))?.status;
console.log(await get(${port}), await get(${port === 65_535 ? 1 : port + 1}));`,
    );
    server.close();
    expect(out).toBe("200 undefined\n");
    expect(err).toContain(`sigil-sandbox: connection to "127.0.0.1:${port}": allowed`);
    expect(err).toContain(": denied");
  });

  it("answers 128 and the number of the signal that ended the program", async () => {
    expect(await run('process.kill(process.pid, "SIGKILL");')).toMatchObject({ code: 137 });
  });

  it("ends the program when it is told to end", async () => {
    writeFileSync(join(code, "main.mjs"), "console.log('ready'); setInterval(() => 1, 1000);");
    const argv = argvOf(["--policy", policy, "--", "node", "main.mjs"]);
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([143, null]);
  });

  it("shows in plain words what a policy lets a program touch, and runs nothing", async () => {
    write({
      grants: [`filesystem.write.${folder}/shown/*`, "net.connect.api.example.org:443"],
      readDeny: [`${folder}/shown/key`],
    });
    const { code: exit, out } = await command("--policy", policy, "--show");
    expect(exit).toBe(0);
    expect(out).toContain(`reads and changes "${folder}/shown"\n`);
    expect(out).toContain(`does not see "${folder}/shown/key"\n`);
    expect(out).toContain("connects to api.example.org, port 443\n");
    expect(out).toContain("note: what it may write it may read as well\n");
    write({});
    expect((await command("--policy", policy, "--show")).out).toContain("has no network\n");
  });

  it("says what this machine can enforce", async () => {
    const { code: exit, out } = await command("--probe");
    expect(exit).toBe(0);
    expect(out).toMatch(/^passed {3}bwrap: .*\n(?:.*\n)*Programs can be contained here\.\n$/u);
  });

  it.each([
    [{ granted: [] }, '"granted" is no key; there are grants'],
    [{ grants: "filesystem.read./srv/*" }, '"grants" must be a list of texts'],
    [{ grants: ["filesystem.read.*"] }, "the root is never bound"],
    [{ limits: { memory: 1 } }, '"limits.memory" is no limit'],
    [{ limits: { pids: "many" } }, '"limits.pids" must be a number'],
    [{ runAs: { uid: 65_534 } }, '"runAs" must be a uid and a gid'],
    [{ code: 7 }, '"code" must be the path of a folder'],
    [{ code: "/nowhere" }, "nowhere"],
  ])("runs nothing under %j", async (file, message) => {
    write(file);
    const ran = await run("console.log('ran');");
    expect(ran).toMatchObject({ code: 3, out: "" });
    expect(ran.err.toLowerCase()).toContain(message.toLowerCase());
  });

  it.each([
    [[]],
    [["--policy"]],
    [["--policy", "x", "node"]],
    [["--policy", "x", "--"]],
    [["--policy", "x", "--env", "A", "--", "node"]],
    [["--probe", "--", "node"]],
  ])("does not guess what %j means", async (argv) => {
    expect(await command(...argv)).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^Usage/u),
    });
  });
});
