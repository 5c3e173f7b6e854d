import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHandshake, parseLogLine } from "@sigilrt/protocol";
import { GRPCStdio } from "@sigilrt/protocol/goplugin";
import { clientMethod } from "@sigilrt/protocol/node";
import { PluginLifecycle, Tool } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it } from "vitest";
import { addressOf, channelTo, spawnPlugin } from "../fixtures/plugin-sdk/spawned-plugin.ts";

describe("a plugin that was not started by a host it can serve", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  it.each([
    ["by hand", { SIGIL_PLUGIN: undefined }, /was not started by a plugin host; start it with/u],
    ["with another cookie", { SIGIL_PLUGIN: "x" }, /was not started by a plugin host/u],
    [
      "for AutoMTLS with what is no certificate",
      { PLUGIN_CLIENT_CERT: certificate },
      /PLUGIN_CLIENT_CERT is no certificate/u,
    ],
    ["for other versions", { PLUGIN_PROTOCOL_VERSIONS: "2,3" }, /offers version 2, 3/u],
    ["for no versions", { PLUGIN_PROTOCOL_VERSIONS: "x" }, /PLUGIN_PROTOCOL_VERSIONS is "x"/u],
    ["in no folder", { PLUGIN_UNIX_SOCKET_DIR: "/nowhere" }, /Cannot listen on a socket in/u],
    ["too deep", { PLUGIN_UNIX_SOCKET_DIR: `/tmp/${"x".repeat(90)}` }, /at most 107 are possible/u],
    ["for a group that cannot be", { PLUGIN_UNIX_SOCKET_GROUP: "9999999999" }, /Cannot listen on/u],
    ["for no group", { PLUGIN_UNIX_SOCKET_GROUP: "no-such-group" }, /an id works everywhere/u],
  ])("explains itself and exits with code 1: %s", async (_, environment, words) => {
    await using plugin = await spawnPlugin({ environment });
    expect(await plugin.exit).toBe(1);
    const { stdout, stderr } = plugin.output();
    expect(stderr).toMatch(words);
    // No line that a host could take for a handshake, whatever it asked for.
    expect(stdout).not.toContain("|");
    expect((await readdir(plugin.folder)).filter((name) => name.endsWith(".sock"))).toEqual([]);
  });
});

describe("the handshake", () => {
  it("is the first and only thing on standard output", async () => {
    await using plugin = await spawnPlugin();
    const line = parseHandshake(await plugin.handshake);
    expect(line).toEqual({
      coreVersion: 1,
      version: 1,
      network: "unix",
      address: expect.stringContaining(`${plugin.folder}/`),
      protocol: "grpc",
    });
    await using channel = await channelTo(plugin);
    const print = { toolName: "print", arguments: '{"bytes":100000}' };
    await channel.unary(clientMethod(PluginLifecycle.method.init), {});
    for await (const _ of channel.stream(clientMethod(Tool.method.execute), print));
    plugin.process.kill("SIGTERM");
    expect(await plugin.exit).toBe(0);
    expect(plugin.output().stdout).toBe(`${await plugin.handshake}\n`);
  });

  it.each(["true", "1"])("says that it multiplexes when it is asked by %s", async (asked) => {
    await using plugin = await spawnPlugin({ environment: { PLUGIN_MULTIPLEX_GRPC: asked } });
    expect(parseHandshake(await plugin.handshake).multiplex).toBe(true);
  });

  it("picks the version it knows from a list", async () => {
    await using plugin = await spawnPlugin({ environment: { PLUGIN_PROTOCOL_VERSIONS: "5,1,2" } });
    expect(parseHandshake(await plugin.handshake).version).toBe(1);
  });

  it("comes when the socket is closed to all others, whatever the umask", async () => {
    await using plugin = await spawnPlugin({
      wrapper: ["/bin/sh", "-c", 'umask 000; exec "$0" "$@"'],
    });
    expect((await stat(await addressOf(plugin))).mode & 0o777).toBe(0o600);
  });

  it.each(["id", "name"])("comes when the socket is open to the group with this %s", async (by) => {
    const gid = process.getgid?.() ?? 0;
    const groups = (await readFile("/etc/group", "utf8"))
      .split("\n")
      .map((line) => line.split(":"));
    const name = groups.find(([, , id]) => id === String(gid))?.[0] ?? "";
    await using plugin = await spawnPlugin({
      environment: { PLUGIN_UNIX_SOCKET_GROUP: by === "id" ? String(gid) : name },
    });
    const { mode, gid: owner } = await stat(await addressOf(plugin));
    expect([mode & 0o777, owner]).toEqual([0o660, gid]);
  });

  it("is not printed when its address would be read as something else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sdk|tcp|"));
    try {
      await using plugin = await spawnPlugin({ environment: { PLUGIN_UNIX_SOCKET_DIR: folder } });
      expect(await plugin.exit).toBe(1);
      expect(plugin.output()).toMatchObject({
        stdout: "",
        stderr: expect.stringContaining("Cannot tell the host the address of the plugin"),
      });
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("names TMPDIR when the host knows no folder for sockets", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sdk-"));
    try {
      await using plugin = await spawnPlugin({
        environment: { PLUGIN_UNIX_SOCKET_DIR: undefined, TMPDIR: folder },
      });
      expect(await addressOf(plugin)).toContain(`${folder}/`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("what a plugin prints", () => {
  it("waits for the host in order, the oldest dropped and counted in the log", async () => {
    await using plugin = await spawnPlugin();
    await using channel = await channelTo(plugin);
    await channel.unary(clientMethod(PluginLifecycle.method.init), {});
    const print = { toolName: "print", arguments: '{"bytes":1000000}' };
    for await (const _ of channel.stream(clientMethod(Tool.method.execute), print));
    const printed = { stdout: "", stderr: "" };
    for await (const chunk of channel.stream(clientMethod(GRPCStdio.method.streamStdio), {})) {
      printed[chunk.channel === 1 ? "stdout" : "stderr"] += Buffer.from(chunk.data).toString();
      if (printed.stderr !== "" && printed.stdout !== "") break;
    }
    expect(printed.stderr).toContain("noisy dependency: a warning");
    expect(printed.stdout).toMatch(/^x+$/u);
    plugin.process.kill("SIGTERM");
    await plugin.exit;
    const lines = plugin
      .output()
      .stderr.split("\n")
      .map((line) => parseLogLine(line));
    const dropped = lines.find(({ message }) => message === "Printed output was dropped");
    const lost = 1_000_000 - printed.stdout.length;
    expect(dropped?.fields["bytes"]).toBeGreaterThan(lost);
  });

  it("goes to the error stream at the end when no host has read it", async () => {
    await using plugin = await spawnPlugin();
    await plugin.handshake;
    plugin.process.kill("SIGTERM");
    expect(await plugin.exit).toBe(0);
    expect(plugin.output().stderr).toContain("noisy dependency: loaded\n");
  });
});
