import { chmod, chown, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bwrapOptions, closingOptions } from "./bwrap-args.ts";
import { type BwrapStart, startBwrap } from "./bwrap-process.ts";
import { leakedDescriptors } from "./descriptors.ts";
import { readLayout } from "./layout.ts";
import { compilePolicy } from "./policy.ts";
import { plugin } from "./testing/confined.ts";
import { request } from "./testing/requests.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "a start of bwrap", () => {
  let folder: string;
  let code: string;
  beforeAll(async () => {
    code = await mkdtemp(`${await realpath(tmpdir())}/code-`);
    await chmod(code, 0o755);
    folder = await mkdtemp(`${await realpath(tmpdir())}/start-`);
    await chown(folder, plugin.uid, plugin.gid);
    await writeFile(`${code}/main`, "#!/bin/sh\necho started\n");
    await chmod(`${code}/main`, 0o755);
  });
  afterAll(() => Promise.all([folder, code].map((path) => rm(path, { recursive: true }))));

  const options = () => {
    const policy = compilePolicy(request({ code }));
    return bwrapOptions({
      layout: readLayout(),
      prlimit: "/usr/bin/prlimit",
      runtimes: [],
      generated: [],
      environment: policy.environment,
      tmpBytes: 65_536,
      mounts: policy.mounts,
      masks: [],
      sockets: folder,
    });
  };
  const start = (changes: Partial<BwrapStart> = {}) =>
    startBwrap({
      bwrap: "/usr/bin/bwrap",
      identity: { ...plugin, changes: process.getuid?.() !== plugin.uid },
      files: [],
      sources: [],
      filter: undefined,
      options,
      closing: closingOptions,
      command: ["/plugin/main"],
      leaked: leakedDescriptors(),
      link: false,
      signal: undefined,
      ...changes,
    });

  const broken = () => [...options(), "--ro-bind", "/no/such\npath", "/x"];

  it("runs the command with the whole list", async () => {
    expect(await text((await start()).stdout)).toBe("started\n");
  });

  it("runs nothing when the list of options is cut off anywhere", async () => {
    const whole = options();
    const outcomes = await Promise.all(
      whole.map((_, length) => codeOfAsync(start({ options: () => whole.slice(0, length) }))),
    );
    expect(new Set(outcomes)).toEqual(new Set(["LAUNCH_FAILED"]));
  });

  it("is told apart from a set-up that failed, with what bwrap says", async () => {
    await expect(start({ options: broken })).rejects.toThrow(
      /no\/such\\\\?n?path|Can't find source path/,
    );
    expect(await codeOfAsync(start({ options: broken }))).toBe("LAUNCH_FAILED");
    expect(await codeOfAsync(start({ bwrap: "/no/such/bwrap" }))).toBe("LAUNCH_FAILED");
  });

  it("is ended by its signal while it is under way", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const started = start({ signal: controller.signal });
    controller.abort(reason);
    await expect(started).rejects.toBe(reason);
  });
});
