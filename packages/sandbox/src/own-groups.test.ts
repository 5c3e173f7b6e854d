import { describe, expect, it } from "vitest";
import { ownFolderOfVersion1, ownFolderOfVersion2 } from "./own-groups.ts";

const hybrid = {
  cgroup: "9:name=systemd:/\n8:pids:/\n4:memory:/jobs/a:b\n3:cpu,cpuacct:/\n0::/jobs\n",
  mountinfo: [
    "30 23 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
    "31 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "32 23 0:28 /jobs /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw",
  ].join("\n"),
};
const version2 = (path: string, root = "/") => ({
  cgroup: `0::${path}\n`,
  mountinfo: `30 23 0:26 ${root} /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate`,
});

describe("the groups of this process", () => {
  it("lie where their hierarchy is mounted", () => {
    expect(ownFolderOfVersion1(hybrid, "memory")).toBe("/sys/fs/cgroup/memory/jobs/a:b");
    expect(ownFolderOfVersion1(hybrid, "cpu")).toBe("/sys/fs/cgroup/cpu,cpuacct");
    expect(ownFolderOfVersion2(version2("/system.slice/sigil.service/gateway"))).toEqual({
      folder: "/sys/fs/cgroup/system.slice/sigil.service/gateway",
      mount: "/sys/fs/cgroup",
    });
  });

  it("lie below the part that a mount shows, and beside a name that only begins like it", () => {
    expect(ownFolderOfVersion2(hybrid)?.folder).toBe("/sys/fs/cgroup/unified");
    expect(ownFolderOfVersion2(version2("/docker/1", "/docker/1"))?.folder).toBe("/sys/fs/cgroup");
    expect(ownFolderOfVersion2(version2("/docker/12", "/docker/1"))?.folder).toBe(
      "/sys/fs/cgroup/docker/12",
    );
  });

  it.each([
    ["not mounted", { ...hybrid, mountinfo: "" }],
    ["unknown", { ...hybrid, cgroup: "" }],
    ["outside of the namespace", version2("/../../other")],
    ["gone", version2("/old (deleted)")],
    ["not a line of the kernel's", version2("relative")],
  ])("are not found where they are %s", (_, texts) => {
    expect(ownFolderOfVersion2(texts)).toBeUndefined();
    expect(ownFolderOfVersion1({ ...texts, cgroup: texts.cgroup }, "pids")).toBeUndefined();
  });
});
