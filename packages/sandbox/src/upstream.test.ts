import { describe, expect, it } from "vitest";
import { checkRoute, headForUpstream, type UpstreamProxy } from "./upstream.ts";

describe("an upstream proxy", () => {
  it.each([
    ["no host", { host: "", port: 3128 }],
    ["a host that would be two lines", { host: "proxy\r\nX: y", port: 3128 }],
    ["a host with a path", { host: "proxy/a", port: 3128 }],
    ["an address as a URL", { host: "http://proxy", port: 3128 }],
    ["port 0", { host: "proxy", port: 0 }],
    ["port 65536", { host: "proxy", port: 65_536 }],
    ["half a port", { host: "proxy", port: 3128.5 }],
    ["no port", { host: "proxy", port: Number.NaN }],
    ["an authorization of two lines", { host: "proxy", port: 1, authorization: "Basic a\r\nX: y" }],
    ["an empty authorization", { host: "proxy", port: 1, authorization: "" }],
  ])("is refused with %s", (_, upstream) => {
    expect(() => checkRoute({ upstream })).toThrow(TypeError);
  });

  it("is refused beside a resolver, and its secret is never repeated", () => {
    const upstream = { host: "proxy", port: 1, authorization: "Basic secret\n" };
    expect(() => checkRoute({ upstream })).toThrow(/^(?!.*secret)/su);
    const resolve = async () => [];
    expect(() => checkRoute({ upstream: { host: "proxy", port: 1 }, resolve })).toThrow(TypeError);
  });

  it("is copied and frozen, so that nobody changes it later", () => {
    const given: { -readonly [Name in keyof UpstreamProxy]: UpstreamProxy[Name] } = {
      host: "proxy.example.org",
      port: 3128,
    };
    const kept = checkRoute({ upstream: given });
    given.host = "other";
    expect(kept).toEqual({ host: "proxy.example.org", port: 3128 });
    expect(Object.isFrozen(kept)).toBe(true);
  });

  it("is told the whole address of a plain request, with its own credentials", () => {
    const head = "GET /a?b HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n";
    const upstream = { host: "proxy", port: 1, authorization: "Basic a" };
    const name = { kind: "name", host: "x.test", port: 80 } as const;
    expect(headForUpstream(head, name, upstream)).toBe(
      "GET http://x.test:80/a?b HTTP/1.1\r\nProxy-Authorization: Basic a\r\nHost: x.test\r\nConnection: close\r\n\r\n",
    );
    const address = { kind: "address", host: "2001:db8::1", port: 81 } as const;
    expect(headForUpstream(head, address, { host: "proxy", port: 1 })).toContain(
      "GET http://[2001:db8::1]:81/a?b HTTP/1.1\r\nHost",
    );
  });
});
