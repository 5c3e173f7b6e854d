import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Confined, openConfined } from "./testing/confined.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "a program in the sandbox", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it("gets its arguments and variables literally, an empty one included", async () => {
    const hostile = ["", "--bind", "--", "a b", "$(id)", "é\n"];
    const { stdout } = await confined.node(
      "console.log(JSON.stringify([process.argv.slice(2), process.env.EMPTY, process.env.ODD]))",
      { command: ["node", "/plugin/script.mjs", ...hostile] },
      { args: ["--setenv", ""], env: { EMPTY: "", ODD: "--ro-bind / /" } },
    );
    expect(JSON.parse(stdout)).toEqual([[...hostile, "--setenv", ""], "", "--ro-bind / /"]);
  });

  it("talks over its streams and over the link at descriptor 3", async () => {
    await confined.addCode(
      "echo.sh",
      '#!/bin/sh\nread -r line; echo "in $line"; read -r line <&3; echo "link $line" >&3\n',
    );
    await using started = await confined.start({ command: ["echo.sh"] }, { link: true });
    const { link } = started;
    expect(link).toBeDefined();
    started.stdin.write("one\n");
    link?.write("two\n");
    const said = await Promise.all(
      [started.stdout, link ?? started.stderr].map((one) => text(one)),
    );
    expect(said).toEqual(["in one\n", "link two\n"]);
  });

  it("is found by the host at a socket that it made", async () => {
    await confined.addCode(
      "serve.mjs",
      "import { createServer } from 'node:net'; createServer((s) => s.end('hello')).listen('/run/plugin/main.sock', () => console.log('up'));",
    );
    await using started = await confined.start({ command: ["node", "/plugin/serve.mjs"] });
    await once(started.stdout, "data");
    expect(await text(await started.connect("main.sock"))).toBe("hello");
    expect(await codeOfAsync(started.connect("other.sock"))).toBe("SOCKET_MISSING");
  });

  it("ends with its code, its signal or at our wish, and each has its reason", async () => {
    expect((await confined.shell("exit 7")).exit).toEqual({
      code: 7,
      signal: null,
      reason: "exited",
    });
    expect((await confined.shell("kill -KILL $$")).exit).toEqual({
      code: null,
      signal: "SIGKILL",
      reason: "signalled",
    });
    await confined.addCode("wait.sh", "#!/bin/sh\necho up\nread -r line\n");
    await using waiting = await confined.start({ command: ["wait.sh"] });
    await once(waiting.stdout, "data");
    await waiting.terminate();
    expect(await waiting.exited).toEqual({ code: null, signal: "SIGTERM", reason: "terminated" });
    await using closed = await confined.start({ command: ["wait.sh"] });
    await closed.close();
    expect((await closed.exited).reason).toBe("closed");
    expect(await codeOfAsync(closed.connect("main.sock"))).toBe("CLOSED");
  });

  it("that closes its input does not end the host", async () => {
    await confined.addCode("deaf.sh", "#!/bin/sh\nexec 0<&-\necho deaf\n");
    await using started = await confined.start({ command: ["deaf.sh"] });
    await started.exited;
    started.stdin.write("x".repeat(1_000_000));
    expect(await text(started.stdout)).toBe("deaf\n");
  });

  it("sees each of many granted folders as itself, and holds none of their descriptors", async () => {
    const folders = await Promise.all(
      Array.from({ length: 80 }, (_, index) => confined.addFolder(`many-${index}`)),
    );
    await Promise.all(folders.map((folder) => writeFile(`${folder}/name`, `${folder}\n`)));
    const { stdout } = await confined.shell(
      `cat ${folders.map((folder) => `${folder}/name`).join(" ")}; for fd in /proc/self/fd/*; do readlink $fd; done`,
      { grants: ["exec.*", ...folders.map((folder) => `filesystem.read.${folder}/*`)] },
    );
    const lines = stdout.split("\n");
    expect(lines.slice(0, folders.length)).toEqual(folders);
    expect(lines.slice(folders.length).filter((line) => line.includes("/many-"))).toEqual([]);
  });

  it("keeps its own data between two starts, and nothing else", async () => {
    await confined.shell("echo kept > /data/plugins/self/note; echo lost > /tmp/note");
    const { stdout } = await confined.shell("cat /data/plugins/self/note /tmp/note", {
      grants: ["exec.*"],
    });
    expect(stdout).toBe("kept\n");
  });

  it("leaves no socket folder behind, also a nested and closed one", async () => {
    await confined.shell(
      "mkdir -p /run/plugin/a/b/c; ln -s /etc /run/plugin/a/link; chmod 0 /run/plugin/a/b; chmod 0 /run/plugin/a",
      { grants: ["exec.*"] },
    );
    const left = await readdir(confined.options.runtimeDirectory);
    expect(left.filter((name) => name.startsWith("s-") || name.startsWith("p-"))).toEqual([]);
  });
});
