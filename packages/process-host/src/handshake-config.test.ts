import { describe, expect, it } from "vitest";
import { clientConfig, handshakeConfig, pluginMap } from "./index.ts";

it("handshake config: protocol version 1, cookie key SIGIL_PLUGIN, a value that is not empty", () => {
  expect(handshakeConfig()).toMatchObject({ protocolVersion: 1, magicCookieKey: "SIGIL_PLUGIN" });
  expect(handshakeConfig().magicCookieValue).not.toBe("");
  expect(Object.isFrozen(handshakeConfig())).toBe(true);
});

it("plugin map has four kinds: lifecycle, channel, tool, provider", () => {
  expect(Object.keys(pluginMap()).toSorted()).toEqual(["channel", "lifecycle", "provider", "tool"]);
  expect(Object.isFrozen(pluginMap())).toBe(true);
});

describe("client config carries the command", () => {
  it.each([null, []])("starts the binary itself with sandbox arguments %j", (sandboxArgs) => {
    expect(clientConfig("/no/such/file", sandboxArgs).command).toEqual({
      path: "/no/such/file",
      args: [],
    });
  });

  it("puts the binary last behind a sandbox and leaves the caller's list alone", () => {
    const sandboxArgs = ["/usr/bin/bwrap", "--unshare-all", "--"];
    const config = clientConfig("/p/tool", sandboxArgs);
    expect(config.command).toEqual({
      path: "/usr/bin/bwrap",
      args: ["--unshare-all", "--", "/p/tool"],
    });
    expect(sandboxArgs).toEqual(["/usr/bin/bwrap", "--unshare-all", "--"]);
  });

  it("allows grpc alone, with the handshake and the four kinds, frozen all the way down", () => {
    const config = clientConfig("/p/tool", null);
    expect(config.allowedProtocols).toEqual(["grpc"]);
    expect(config.handshake).toBe(handshakeConfig());
    expect(config.plugins).toBe(pluginMap());
    for (const part of [
      config,
      config.command,
      config.command.args,
      config.allowedProtocols,
      config.plugins.tool,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});
