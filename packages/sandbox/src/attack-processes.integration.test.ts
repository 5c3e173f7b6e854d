import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";
import { liveWith } from "./testing/live.ts";

describeWith(["bwrap", "prlimit"], "a hostile plugin, among processes,", () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await openHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  it("66 has its host killed with SIGKILL and leaves nothing after two seconds", async () => {
    const mark = `mark-${randomUUID()}`;
    const host = spawn(
      process.execPath,
      [
        "--conditions=@sigilrt/source",
        fileURLToPath(new URL("testing/host.ts", import.meta.url)),
        mark,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [root] = await once(host.stdout, "data");
    expect(liveWith(mark).length).toBeGreaterThan(2);
    host.kill("SIGKILL");
    await vi.waitFor(() => expect(liveWith(mark)).toEqual([]), {
      timeout: 2_000,
      interval: 20,
    });
    await rm(String(root).trim(), { recursive: true });
  });

  it("57 leaves a core file", async () => {
    const { stdout } = await hostile.confined.shell("ulimit -Hc; ulimit -Sc");
    expect(stdout).toBe("0\n0\n");
  });

  it("has its launcher killed from outside and does not survive it", async () => {
    const mark = `mark-${randomUUID()}`;
    await hostile.confined.addCode("wait.sh", "#!/bin/sh\necho up\nread -r _ # $1\n");
    const started = await hostile.confined.start({ command: ["wait.sh", mark] });
    await once(started.stdout, "data");
    process.kill(started.pid, "SIGKILL");
    expect(await started.exited).toEqual({
      code: null,
      signal: "SIGKILL",
      reason: "launcher_failed",
    });
    expect(liveWith(mark)).toEqual([]);
  });

  it("leaves a process in the background and ends itself: nothing stays", async () => {
    const mark = `mark-${randomUUID()}`;
    const { exit } = await hostile.confined.shell(
      `setsid sh -c 'sleep 60 # ${mark}' </dev/null >/dev/null 2>&1 &`,
      { grants: ["exec.*"] },
    );
    expect(exit.reason).toBe("exited");
    expect(liveWith(mark)).toEqual([]);
  });
});
