import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientMethod } from "@sigilrt/protocol/node";
import { GRPCController } from "@sigilrt/protocol/goplugin";
import { PluginLifecycle, Tool } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  addressOf,
  channelTo,
  fixture,
  spawnPlugin,
} from "../fixtures/plugin-sdk/spawned-plugin.ts";

describe("the end of a plugin", () => {
  it("by SIGTERM runs the shutdown hook once, and takes the socket away", async () => {
    await using plugin = await spawnPlugin();
    const address = await addressOf(plugin);
    plugin.process.kill("SIGTERM");
    plugin.process.kill("SIGTERM");
    expect(await plugin.exit).toBe(0);
    expect(await plugin.shutdowns()).toBe("shutdown\n");
    await expect(stat(address)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("does not come by SIGINT", async () => {
    await using plugin = await spawnPlugin();
    await plugin.handshake;
    plugin.process.kill("SIGINT");
    await using channel = await channelTo(plugin);
    const { tools } = await channel.unary(clientMethod(Tool.method.describe), {});
    expect(tools.length).toBeGreaterThan(0);
  });

  it.each(["lifecycle", "controller", "both"])(
    "by Shutdown of %s answers, runs the hook once, and exits with code 0",
    async (service) => {
      await using plugin = await spawnPlugin();
      await using channel = await channelTo(plugin);
      const asked = [
        ...(service === "controller"
          ? []
          : [
              channel
                .unary(clientMethod(PluginLifecycle.method.shutdown), { timeoutSeconds: 2 })
                .then(({ clean }) => clean),
            ]),
        ...(service === "lifecycle"
          ? []
          : [channel.unary(clientMethod(GRPCController.method.shutdown), {}).then(() => true)]),
      ];
      const [first] = await Promise.allSettled(asked);
      expect(first).toEqual({ status: "fulfilled", value: true });
      expect(await plugin.exit).toBe(0);
      expect(await plugin.shutdowns()).toBe("shutdown\n");
    },
  );

  it("does not wait for a hook that takes longer than the host gives it", async () => {
    await using plugin = await spawnPlugin({ mode: "hangs" });
    await using channel = await channelTo(plugin);
    const { clean } = await channel.unary(clientMethod(PluginLifecycle.method.shutdown), {
      timeoutSeconds: 1,
    });
    expect(clean).toBe(false);
    expect(await plugin.exit).toBe(0);
    expect(plugin.output().stderr).toContain("shutdown did not end in time");
  });

  it("aborts the calls that run, and they may end with what they have", async () => {
    await using plugin = await spawnPlugin();
    await using channel = await channelTo(plugin);
    await channel.unary(clientMethod(PluginLifecycle.method.init), {});
    const seen: unknown[] = [];
    const slow = { toolName: "slow", arguments: '{"notes":1}', accept: ["progress"] };
    for await (const { chunk } of channel.stream(clientMethod(Tool.method.execute), slow)) {
      seen.push(chunk.case);
      if (chunk.case !== "progress") continue;
      void channel.unary(clientMethod(PluginLifecycle.method.shutdown), {}).catch(() => undefined);
    }
    expect(seen).toEqual(["progress", "text", "done"]);
    expect(await plugin.exit).toBe(0);
  });

  it("comes when descriptor 3 ends", async () => {
    await using plugin = await spawnPlugin({
      environment: { SIGIL_LANE_FD: "3" },
      descriptors: ["pipe"],
    });
    await plugin.handshake;
    const [, , , lane] = plugin.process.stdio;
    lane?.destroy();
    expect(await plugin.exit).toBe(0);
    expect(await plugin.shutdowns()).toBe("shutdown\n");
  });

  it("is orderly although nobody reads its log any more", async () => {
    await using plugin = await spawnPlugin({
      mode: "hangs",
      environment: { SIGIL_LANE_FD: "3" },
      descriptors: ["pipe"],
    });
    await plugin.handshake;
    plugin.process.stderr?.destroy();
    plugin.process.stdio[3]?.destroy();
    expect(await plugin.exit).toBe(0);
  });

  it("does not come by bytes on descriptor 3", async () => {
    await using plugin = await spawnPlugin({
      environment: { SIGIL_LANE_FD: "3" },
      descriptors: ["pipe"],
    });
    await plugin.handshake;
    const lane = plugin.process.stdio[3];
    if (lane === null || lane === undefined || !("write" in lane)) throw new Error("no lane");
    await new Promise((resolve) => lane.write(Buffer.alloc(2 ** 20), resolve));
    await using channel = await channelTo(plugin);
    await channel.unary(clientMethod(Tool.method.describe), {});
    lane.destroy();
    expect(await plugin.exit).toBe(0);
  });

  it("comes when a host without descriptor 3 is killed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sdk-"));
    const file = join(folder, "shutdowns");
    const parent = spawn(
      process.execPath,
      [fixture("parent-to-kill.ts"), fixture("plugin.ts"), file],
      {
        env: {
          PATH: process.env["PATH"],
          SIGIL_PLUGIN: "aGFzaGljb3JwLWdvLXBsdWdpbg==",
          PLUGIN_UNIX_SOCKET_DIR: folder,
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let orphan: number | undefined;
    onTestFinished(async () => {
      parent.kill("SIGKILL");
      if (orphan !== undefined) process.kill(orphan, "SIGKILL");
      await rm(folder, { recursive: true });
    });
    const [id] = await once(parent.stderr, "data");
    orphan = Number(id);
    // The plugin holds the pipe as well, so it closes with the last of the two.
    const closed = once(parent.stdout, "close");
    await once(parent.stdout, "data");
    parent.kill("SIGKILL");
    await closed;
    orphan = undefined;
    expect(await readFile(file, "utf8")).toBe("shutdown\n");
  });
});
