import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { type Bench } from "./bench.ts";
import { codeOfFailure } from "./code-of-failure.ts";

const python = "/usr/bin/python3";
const needs = existsSync(python) ? "" : ` (not proven here: needs ${python})`;

/** Declares the rows in which the host connects to the plugin. */
export function declareSockets(bench: () => Bench): void {
  it("24 listens on an abstract name, and the host finds nobody there: held", async () => {
    const name = `\0${bench().target.abstract}-in`;
    await bench().addCode(
      "listen.mjs",
      `import { createServer } from "node:net"; createServer().listen(${JSON.stringify(name)}, () => console.log("up"));`,
    );
    await using started = await bench().start({ command: ["node", "/plugin/listen.mjs"] });
    await once(started.stdout, "data");
    await expect(once(connect(name), "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it("25 replaces its socket by a link, a file or a folder: refused", async () => {
    await bench().addCode(
      "swap.sh",
      `#!/bin/sh\nln -s ${bench().target.socket} /run/plugin/link; : > /run/plugin/file; mkdir /run/plugin/folder\necho up\nread -r _\n`,
    );
    await using started = await bench().start({ command: ["swap.sh"] });
    await once(started.stdout, "data");
    const codes = ["link", "file", "folder"].map((name) => codeOfFailure(started.connect(name)));
    expect(new Set(await Promise.all(codes))).toEqual(new Set(["SOCKET_SUBSTITUTED"]));
    const outside = ["../host.sock", bench().target.socket, "", ".", "..", "a/b", "a\0b"];
    const refusals = outside.map((name) => codeOfFailure(started.connect(name)));
    expect(new Set(await Promise.all(refusals))).toEqual(new Set(["PATH_REFUSED"]));
  });

  it.skipIf(needs !== "")(
    `26 passes a descriptor over its socket, and the host drops it${needs}`,
    async () => {
      await writeFile(`${bench().data}/gift`, "a file that nobody asked for");
      await bench().addCode(
        "gift.py",
        `
import os, socket
server = socket.socket(socket.AF_UNIX); server.bind("/run/plugin/main.sock"); server.listen()
print("up", flush=True)
client, _ = server.accept()
gift = os.open("/data/plugins/self", os.O_RDONLY)
socket.send_fds(client, [b"given"], [gift, gift])
client.recv(1)
`,
      );
      await using started = await bench().start({ command: ["python3", "/plugin/gift.py"] });
      await once(started.stdout, "data");
      const socket = await started.connect("main.sock");
      const [said] = await once(socket, "data");
      expect(String(said)).toBe("given");
      const open = readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
      expect(open.filter((path) => path === bench().data)).toEqual([]);
      socket.destroy();
    },
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
