import { readFile, rename, rm, symlink } from "node:fs/promises";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";
import { limits } from "./testing/requests.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "a hostile plugin, among files,", () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await openHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  it("1 reads the secret by its path", async () => {
    expect(await hostile.attack(`cat ${hostile.secret}`)).not.toContain(hostile.canary);
  });

  it("2 reads the secret by .. from the data directory", async () => {
    expect(
      await hostile.attack("cd /data/plugins/self; cat ../../../secret ../secret ../../secret"),
    ).not.toContain(hostile.canary);
  });

  it("3 reads the secret by a link in the data directory", async () => {
    expect(
      await hostile.attack(`cd /data/plugins/self; ln -s ${hostile.secret} out; cat out; rm out`),
    ).not.toContain(hostile.canary);
  });

  it("4 reads the secret by a hard link into the data directory", async () => {
    expect(
      await hostile.attack(
        `ln ${hostile.secret} /data/plugins/self/out && echo linked; cat /data/plugins/self/out`,
      ),
    ).not.toContain(hostile.canary);
  });

  it("5 reaches the host through /proc/1/root and /proc/*/cwd", async () => {
    expect(
      await hostile.attack(
        `cat /proc/1/root${hostile.secret} /proc/*/root${hostile.secret} /proc/*/cwd${hostile.secret}; ls /proc/1/root/home`,
      ),
    ).not.toContain(hostile.canary);
  });

  it("10 reads /etc/shadow, /root and the host's /tmp", async () => {
    expect(await hostile.attack("cat /etc/shadow; ls /root; ls /tmp")).toBe("");
  });

  it("11 learns the host's users from /etc/passwd", async () => {
    expect(await hostile.attack("cut -d: -f1 /etc/passwd")).toBe("plugin");
  });

  it("12 reads /sys, /boot and /var", async () => {
    expect(await hostile.attack("ls /sys /boot /var")).toBe("");
  });

  it("13 writes into /usr, /etc, /plugin, /, /run and /dev", async () => {
    const places = "/usr /usr/lib /etc /plugin / /run /run/sigil /dev /home /proc /data";
    expect(await hostile.attack(`for d in ${places}; do (: > $d/new) && echo wrote $d; done`)).toBe(
      "",
    );
  });

  it("14 writes through a link out of the data directory", async () => {
    expect(
      await hostile.attack(
        `ln -s ${hostile.secret} /data/plugins/self/out; echo x > /data/plugins/self/out; rm /data/plugins/self/out`,
      ),
    ).not.toContain(hostile.canary);
    expect(await readFile(hostile.secret, "utf8")).toBe(hostile.canary);
  });

  it("17 reads, unlinks or renames a masked file", async () => {
    await hostile.confined.addCode("hidden", hostile.canary);
    const script =
      "cat /plugin/hidden; rm -f /plugin/hidden && echo gone; mv /plugin/hidden /tmp/x && echo moved; cat /tmp/x";
    expect(await hostile.attack(script, { readDeny: ["/plugin/hidden"] })).toBe("");
  });

  it("18 has its data directory replaced by a link before the next start", async () => {
    const folder = await hostile.confined.addFolder("replaced");
    await rename(folder, `${folder}-old`);
    await symlink(hostile.confined.root, folder);
    expect(await codeOfAsync(hostile.confined.start({ command: ["script"], data: folder }))).toBe(
      "PATH_REFUSED",
    );
  });

  it("46 opens /proc/1/mem, /proc/kcore, /proc/keys and /dev/mem", async () => {
    expect(
      await hostile.attack(
        "for f in /proc/1/mem /proc/kcore /proc/keys /proc/kallsyms /dev/mem /dev/kmsg; do head -c 1 $f; done",
      ),
    ).toBe("");
  });

  it("53 makes a device", async () => {
    const script =
      "mknod /tmp/sda b 8 0 && echo made; mknod /data/plugins/self/sda b 8 0 && echo made";
    expect(await hostile.attack(script)).toBe("");
  });

  it("58 writes a file over the limit", async () => {
    const { exit } = await hostile.confined.node(
      "process.on('SIGXFSZ', () => {}); import('node:fs').then((fs) => { try { fs.writeFileSync('/data/plugins/self/big', Buffer.alloc(2_000_000)); } catch (e) { process.exit(e.code === 'EFBIG' ? 9 : 1); } })",
      {
        limits: { ...limits, fileBytes: 1_000_000 },
      },
    );
    expect(exit.code).toBe(9);
    const killed = await hostile.confined.shell(
      "exec dd if=/dev/zero of=/data/plugins/self/big bs=2000000 count=2",
      { grants: ["exec.*"] },
    );
    expect(killed.exit).toEqual({ code: null, signal: "SIGXFSZ", reason: "file_size" });
    expect(hostile.confined.violations.filter(({ kind }) => kind === "file_size")).toHaveLength(1);
    await rm(`${hostile.confined.data}/big`);
  });

  it("59 fills /tmp, /dev/shm and its home", async () => {
    const { stdout } = await hostile.confined.shell(
      "for d in /tmp /dev/shm ~; do dd if=/dev/zero of=$d/fill bs=65536 count=64 2>/dev/null; wc -c < $d/fill; done",
      { grants: ["exec.*"] },
    );
    const sizes = stdout.trim().split("\n").map(Number);
    expect(sizes).toHaveLength(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_048_576);
  });

  it("68 keeps a file in its own home and runs a program of its data: allowed", async () => {
    const script =
      "echo own > ~/note; cat ~/note; echo '#!/bin/sh\necho ran' > /data/plugins/self/p; chmod +x /data/plugins/self/p; /data/plugins/self/p; rm /data/plugins/self/p";
    expect(await hostile.attack(script)).toBe("own\nran");
  });
});
