import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Confined, openConfined } from "./testing/confined.ts";
import { limits } from "./testing/requests.ts";

const has = (program: string): boolean =>
  spawnSync(program, [program === "go" ? "version" : "--version"], { stdio: "ignore" }).status ===
  0;
const needs = (program: string): string =>
  has(program) ? "" : ` (not proven here: needs ${program})`;

const nodeProgram = `
import { createServer } from "node:http";
import { execFileSync } from "node:child_process";
import { readFile, writeFile, watch, chmod } from "node:fs/promises";
import { gzipSync, gunzipSync } from "node:zlib";
import { Worker } from "node:worker_threads";
import { once } from "node:events";
const worker = new Worker("require('node:worker_threads').parentPort.postMessage(7)", { eval: true });
console.log("worker", (await once(worker, "message"))[0]);
const server = createServer((_, response) => response.end("served")).listen(0, "127.0.0.1");
await once(server, "listening");
console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text());
server.close();
server.closeAllConnections();
console.log(execFileSync("/bin/sh", ["-c", "echo child"], { encoding: "utf8" }).trim());
await writeFile("/data/plugins/self/a", gzipSync("zipped"));
await chmod("/data/plugins/self/a", 0o755);
console.log(String(gunzipSync(await readFile("/data/plugins/self/a"))));
console.log((await WebAssembly.instantiate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).module instanceof WebAssembly.Module);
`;

const pythonProgram = `
import asyncio, json, multiprocessing, os, socket, sqlite3, subprocess, tempfile, threading
seen = []
threads = [threading.Thread(target=seen.append, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print("threads", len(seen))
print(subprocess.run(["/bin/sh", "-c", "echo child"], capture_output=True, text=True).stdout.strip())
async def serve():
    async def answer(reader, writer):
        writer.write(b"served"); await writer.drain(); writer.close()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    print((await reader.read()).decode()); server.close(); writer.close()
asyncio.run(serve())
with multiprocessing.get_context("fork").Pool(2) as pool: print("pool", pool.map(abs, [-1, -2]))
with sqlite3.connect("/data/plugins/self/db") as db:
    db.execute("create table t (n)"); db.execute("insert into t values (1)")
    print("rows", db.execute("select count(*) from t").fetchone()[0])
with tempfile.NamedTemporaryFile() as file: os.chmod(file.name, 0o600); print("temporary", os.path.exists(file.name))
`;

const goProgram = `package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

func main() {
	var group sync.WaitGroup
	total := make(chan int, 64)
	for n := 0; n < 64; n++ {
		group.Add(1)
		go func() { defer group.Done(); time.Sleep(time.Millisecond); total <- 1 }()
	}
	group.Wait()
	fmt.Println("goroutines", len(total))
	out, err := exec.Command("/bin/sh", "-c", "echo child").Output()
	fmt.Print(string(out))
	if err != nil { fmt.Println(err) }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil { fmt.Println(err); return }
	go func() { c, _ := listener.Accept(); io.WriteString(c, "served"); c.Close() }()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil { fmt.Println(err); return }
	answer, _ := io.ReadAll(connection)
	fmt.Println(string(answer))
	fmt.Println(os.WriteFile("/data/plugins/self/go", []byte("x"), 0o644))
}
`;

describeWith(["bwrap", "prlimit"], "under the filter", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it("Node makes threads, children, servers, files and WebAssembly modules", async () => {
    const outcome = await confined.node(nodeProgram, {
      // V8 reserves as much again for the code of a second thread.
      limits: { ...limits, memoryBytes: 1_073_741_824 },
    });
    expect(outcome).toMatchObject({
      stdout: "worker 7\nserved\nchild\nzipped\ntrue\n",
      exit: { code: 0 },
    });
  });

  describeWith(["python"], "Python", () => {
    it("makes threads, children, servers, pools, databases and temporary files", async () => {
      await confined.addCode("main.py", pythonProgram);
      const outcome = await confined.run({
        command: ["python3", "/plugin/main.py"],
      });
      expect(outcome).toMatchObject({
        stdout: "threads 8\nchild\nserved\npool [1, 2]\nrows 1\ntemporary True\n",
        exit: { code: 0 },
      });
    });
  });

  describe.skipIf(!has("git"))(`git${needs("git")}`, () => {
    it("makes a repository, commits, clones and reads its log", async () => {
      const outcome = await confined.shell(
        [
          "set -e; cd /data/plugins/self; export GIT_CONFIG_NOSYSTEM=1",
          "git init -q -b main origin; cd origin; git config user.name a; git config user.email a@example.org",
          "echo one > f; git add f; git commit -qm first; echo two >> f; git commit -qam second",
          "git gc -q; cd ..; git clone -q origin copy; cd copy; git log --format=%s; git status --short; cat f",
        ].join("\n"),
        { grants: ["exec.*"] },
      );
      expect(outcome).toMatchObject({ stdout: "second\nfirst\none\ntwo\n", exit: { code: 0 } });
    });
  });

  describe.skipIf(!has("go"))(`a program of Go${needs("go")}`, () => {
    it("makes goroutines, children, servers and files", async () => {
      const folder = mkdtempSync(`${tmpdir()}/go-`);
      writeFileSync(`${folder}/main.go`, goProgram);
      const built = spawnSync("go", ["build", "-o", `${folder}/main`, `${folder}/main.go`], {
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          CGO_ENABLED: "0",
          GOTOOLCHAIN: "local",
          GOFLAGS: "-mod=mod",
          GOPROXY: "off",
        },
        encoding: "utf8",
      });
      expect(built.stderr).toBe("");
      copyFileSync(`${folder}/main`, `${confined.code}/main`);
      const outcome = await confined.run({ command: ["main"] });
      expect(outcome).toMatchObject({
        stdout: "goroutines 64\nchild\nserved\n<nil>\n",
        exit: { code: 0 },
      });
      // Go marks its module cache read-only, and the build cache lies beside it.
      spawnSync("chmod", ["-R", "u+w", folder]);
      rmSync(folder, { recursive: true });
    });
  });
});
