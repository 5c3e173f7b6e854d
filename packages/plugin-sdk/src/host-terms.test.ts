import { handshake } from "@sigilrt/protocol";
import { describe, expect, it } from "vitest";
import { hostTerms } from "./host-terms.ts";
import { PluginSdkError } from "./plugin-sdk-error.ts";

const cookie = { [handshake.magicCookieKey]: handshake.magicCookieValue };
const refusal = (environment: Readonly<Record<string, string>>): unknown => {
  try {
    return hostTerms(environment, "weather");
  } catch (error) {
    return error;
  }
};

describe("the terms of a host", () => {
  it("are those of the oldest hosts when nothing but the cookie is set", () => {
    expect(hostTerms(cookie, "weather")).toEqual({
      version: 1,
      socketDirectory: "/tmp",
      hasLifeline: false,
      isDebugged: false,
    });
  });

  it("are read from the environment", () => {
    const environment = {
      ...cookie,
      PLUGIN_PROTOCOL_VERSIONS: "5,1,2",
      PLUGIN_UNIX_SOCKET_DIR: "/run/sigil",
      PLUGIN_UNIX_SOCKET_GROUP: "plugins",
      PLUGIN_MULTIPLEX_GRPC: "false",
      PLUGIN_CLIENT_CERT: "",
      SIGIL_LANE_FD: "3",
      TMPDIR: "/var/tmp",
    };
    expect(hostTerms(environment, "weather")).toEqual({
      version: 1,
      socketDirectory: "/run/sigil",
      socketGroup: "plugins",
      multiplex: false,
      hasLifeline: true,
      isDebugged: false,
    });
  });

  it("are none for a person who debugs it, but a cookie counts more", () => {
    const environment = { SIGIL_PLUGIN_DEBUG: "1", TMPDIR: "/var/tmp", PLUGIN_CLIENT_CERT: "x" };
    expect(hostTerms(environment, "weather")).toEqual({
      version: 1,
      socketDirectory: "/var/tmp",
      hasLifeline: false,
      isDebugged: true,
    });
    expect(hostTerms({ ...cookie, SIGIL_PLUGIN_DEBUG: "1" }, "weather").isDebugged).toBe(false);
    expect(refusal({ SIGIL_PLUGIN_DEBUG: "true" })).toMatchObject({ code: "NOT_A_PLUGIN_HOST" });
  });

  it("name TMPDIR where the folder of sockets is missing or empty", () => {
    const environment = { ...cookie, PLUGIN_UNIX_SOCKET_DIR: "", TMPDIR: "/var/tmp" };
    expect(hostTerms(environment, "weather").socketDirectory).toBe("/var/tmp");
  });

  it.each([{}, { SIGIL_PLUGIN: "" }, { SIGIL_PLUGIN: "1" }])("are refused with %j", (wrong) => {
    expect(refusal(wrong)).toMatchObject({
      code: "NOT_A_PLUGIN_HOST",
      message: expect.stringContaining("was not started by a plugin host"),
    });
  });

  it.each(["1,", ",1", "1;2", "one", " 1", "1.0", "-1", "1234567890", `1${",1".repeat(600)}`])(
    "are refused with versions %j",
    (versions) => {
      expect(refusal({ ...cookie, PLUGIN_PROTOCOL_VERSIONS: versions })).toMatchObject({
        code: "VERSIONS_MALFORMED",
      });
    },
  );

  it("are refused when no offered version is known, with the setting that offers them", () => {
    expect(refusal({ ...cookie, PLUGIN_PROTOCOL_VERSIONS: "2,3" })).toMatchObject({
      code: "VERSION_UNSUPPORTED",
      message: expect.stringMatching(/offers version 2, 3 .* versions: \[1\] .* VersionedPlugins/u),
    });
  });

  it.each([
    ["true", true],
    ["1", true],
    ["T", true],
    ["yes", false],
    ["", undefined],
  ])("ask for one connection by PLUGIN_MULTIPLEX_GRPC=%j: %s", (value, asked) => {
    expect(hostTerms({ ...cookie, PLUGIN_MULTIPLEX_GRPC: value }, "weather").multiplex).toBe(asked);
  });

  it("hold the certificate of a host that asks for AutoMTLS", () => {
    const environment = { ...cookie, PLUGIN_CLIENT_CERT: "-----BEGIN" };
    expect(hostTerms(environment, "weather")).toMatchObject({ clientCertificate: "-----BEGIN" });
  });

  it("are refused in one sentence without the frames of this package", () => {
    const error = refusal({});
    expect(error).toBeInstanceOf(PluginSdkError);
    expect(error).toMatchObject({ stack: expect.not.stringContaining("\n") });
  });
});
