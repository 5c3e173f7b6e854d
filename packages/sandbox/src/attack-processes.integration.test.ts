import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";
import { liveWith } from "./testing/live.ts";
import { limits } from "./testing/requests.ts";

describeWith(["bwrap", "prlimit"], "a hostile plugin, among processes,", () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await openHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  it("21 sees or signals a process of the host", async () => {
    const bystander = spawn("/bin/sh", ["-c", `read -r _ # ${hostile.canary}`], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    const said = await hostile.attack(
      `kill -0 ${bystander.pid} && echo signalled; ls -d /proc/[0-9]* | wc -l; cat /proc/*/cmdline`,
    );
    expect(said).not.toContain("signalled");
    expect(Number(said.split("\n")[0])).toBeLessThan(10);
    expect(bystander.exitCode).toBeNull();
    bystander.kill("SIGKILL");
  });

  it("35 makes a new user namespace", async () => {
    expect(
      await hostile.attack(
        "unshare --user true && echo new; unshare --user --map-root-user true && echo new",
      ),
    ).toBe("");
  });

  it("37 enters a namespace", async () => {
    expect(
      await hostile.attack(
        "nsenter --user=/proc/self/ns/user true && echo in; nsenter --net=/proc/1/ns/net true && echo in",
      ),
    ).toBe("");
  });

  it("38 mounts, unmounts or makes /usr writable", async () => {
    const script =
      "mount -t tmpfs none /tmp && echo mounted; umount /proc && echo unmounted; mount -o remount,rw /usr && echo remounted";
    expect(await hostile.attack(script)).toBe("");
  });

  it("40 changes its root", async () => {
    expect(await hostile.attack("/usr/sbin/chroot / /bin/sh -c : && echo changed")).toBe("");
  });

  it("56 starts ten times as many processes as its limit", async () => {
    const { stdout } = await hostile.confined.shell(
      "i=0; while [ $i -lt 200 ]; do (sleep 20 & ) 2>/dev/null || break; i=$((i+1)); done; echo reached $i",
      {
        grants: ["exec.*"],
        limits: { ...limits, pids: 20 },
      },
    );
    const reached = Number(/reached ([0-9]+)/.exec(stdout)?.[1] ?? "0");
    expect(reached).toBeLessThan(20);
  });

  it("57 raises a hard limit or lowers its oom score", async () => {
    const script =
      "for l in n f d; do (ulimit -H$l 999999999) && echo raised $l; done; echo -1000 > /proc/self/oom_score_adj && echo lowered; ulimit -c";
    expect(await hostile.attack(script)).toBe("0");
  });

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

  it("67 forks twice, leaves its session, ignores SIGTERM and is closed all the same", async () => {
    const mark = `mark-${randomUUID()}`;
    await hostile.confined.addCode(
      "stay.sh",
      "#!/bin/sh\ntrap '' TERM HUP INT\n(setsid sh -c \"trap '' TERM; while :; do sleep 1; done # $1\" &)\necho up\nwhile :; do sleep 1; done\n",
    );
    const started = await hostile.confined.start({
      command: ["stay.sh", mark],
      grants: ["exec.*"],
    });
    await once(started.stdout, "data");
    await started.terminate();
    expect(liveWith(mark).length).toBeGreaterThan(1);
    await started.close();
    expect(liveWith(mark)).toEqual([]);
    expect((await started.exited).reason).toBe("closed");
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
