import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openVersion2 } from "./control-groups-v2.ts";
import { limits } from "./testing/requests.ts";

// A folder of plain files stands for the kernel's: what is written where can be seen, not that the kernel obeys.
describe("control groups of version 2", () => {
  let mount: string;
  const own = { uid: process.getuid?.() ?? 0, pid: process.pid };
  beforeEach(() => {
    mount = mkdtempSync(join(tmpdir(), "cgroup2-"));
  });
  afterEach(() => rmSync(mount, { recursive: true }));

  const file = (path: string, name: string, content: string): void =>
    writeFileSync(join(mount, path, name), content);
  const read = (...path: readonly string[]): string => readFileSync(join(mount, ...path), "utf8");
  /** A group with what the kernel puts into it. */
  const group = (path: string, changes: Readonly<Record<string, string>> = {}): void => {
    mkdirSync(join(mount, path), { recursive: true });
    const files = {
      "cgroup.type": "domain\n",
      "cgroup.controllers": "cpuset cpu io memory hugetlb pids\n",
      "cgroup.procs": "",
      "cgroup.subtree_control": "",
      ...changes,
    };
    for (const [name, content] of Object.entries(files)) file(path, name, content);
  };
  const open = (path: string, uid = own.uid) =>
    openVersion2(
      {
        cgroup: `0::${path}\n`,
        mountinfo: `30 23 0:26 / ${mount} rw - cgroup2 cgroup2 rw`,
      },
      { ...own, uid },
    );
  const unit = "system.slice/sigil.service";

  it("are made beside the subgroup in which the gateway was started, with every limit", async () => {
    group(unit, { "cgroup.subtree_control": "pids\n" });
    group(`${unit}/gateway`, { "cgroup.procs": `${own.pid}\n` });
    // Made before, so that the kernel's file stands where a plain one is written to.
    group(`${unit}/sigil`);
    const groups = open(`/${unit}/gateway`);
    expect(groups?.version).toBe("v2");
    expect(read(unit, "cgroup.subtree_control")).toBe("+cpu +memory");
    expect(read(unit, "sigil", "cgroup.subtree_control")).toBe("+cpu +memory +pids");

    const made = groups?.create("notes/../x", { ...limits, cpuCores: 0.25 });
    const name = `${unit}/sigil/notes____x-${own.pid}-1`;
    await made?.add(4711);
    const said = Object.fromEntries(
      readdirSync(join(mount, name)).map((entry) => [entry, read(name, entry)]),
    );
    expect(said).toEqual({
      "cgroup.procs": "4711",
      "cpu.max": "25000 100000",
      "memory.max": String(limits.memoryBytes),
      "memory.oom.group": "1",
      "pids.max": String(limits.pids),
    });

    file(name, "memory.events", "low 0\nhigh 0\nmax 4\noom 0\noom_kill 0\noom_group_kill 0\n");
    file(name, "pids.events", "max 0\n");
    expect(made?.stopped()).toEqual({ memory: false, processes: false });
    file(name, "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 3\noom_group_kill 1\n");
    file(name, "pids.events", "max 12\n");
    expect(made?.stopped()).toEqual({ memory: true, processes: true });
    for (const entry of readdirSync(join(mount, name))) rmSync(join(mount, name, entry));
    await made?.remove();
    expect(readdirSync(join(mount, unit, "sigil"))).not.toContain(`notes____x-${own.pid}-1`);
  });

  it("of a gateway that was killed are removed, and nothing else", () => {
    group(unit);
    group(`${unit}/gateway`);
    group(`${unit}/sigil`);
    const [gone, alive, other] = ["notes-99999999-3", `notes-${own.pid}-1`, "by-hand"];
    for (const name of [gone, alive, other]) mkdirSync(join(mount, unit, "sigil", name));
    expect(open(`/${unit}/gateway`)).toBeDefined();
    const left = readdirSync(join(mount, unit, "sigil"), { withFileTypes: true });
    const folders = left.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.toSorted()).toEqual([alive, other].toSorted());
  });

  it("are made in the first group of a machine without systemd", () => {
    group("", { "cgroup.procs": "1\n2\n" });
    rmSync(join(mount, "cgroup.type"));
    expect(open("/")?.version).toBe("v2");
  });

  it("are not made in a container's first group, which holds its processes", () => {
    group("", { "cgroup.procs": "1\n2\n" });
    expect(open("/")).toBeUndefined();
  });

  it("are not made beside a unit that nobody delegated", () => {
    group("system.slice");
    group(unit);
    // For root, which owns all, the unit's own group says nothing; its parent is systemd's.
    expect(open(`/${unit}`, 0)).toBeUndefined();
    expect(readdirSync(join(mount, "system.slice"))).not.toContain("sigil");
  });

  it("are not made in a group of another user", () => {
    group("user.slice");
    group("user.slice/gateway");
    expect(open("/user.slice/gateway", own.uid + 1)).toBeUndefined();
  });

  it.each([
    ["holds processes itself", { "cgroup.procs": "1\n" }],
    ["was given no memory controller", { "cgroup.controllers": "cpu pids\n" }],
    ["was given no controller at all", { "cgroup.controllers": "hugetlb\n" }],
  ])("are not made below a group that %s", (_, changes) => {
    group(unit, changes);
    group(`${unit}/gateway`);
    expect(open(`/${unit}/gateway`)).toBeUndefined();
    expect(read(unit, "cgroup.subtree_control")).toBe("");
  });
});
