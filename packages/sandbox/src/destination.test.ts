import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalAddress, parseAuthority, parseHost } from "./destination.ts";

describe("the host and port of a request", () => {
  it.each([
    ["api.example.org:443", "name api.example.org 443"],
    ["API.Example.ORG:443", "name api.example.org 443"],
    ["api.example.org.:443", "name api.example.org 443"],
    ["localhost:1", "name localhost 1"],
    ["192.0.2.7:65535", "address 192.0.2.7 65535"],
    ["[2001:DB8:0::1]:443", "address 2001:db8::1 443"],
    ["[::ffff:127.0.0.1]:443", "address ::ffff:7f00:1 443"],
  ])("%s is %s", (text, expected) => {
    const found = parseAuthority(text);
    expect(`${found?.kind} ${found?.host} ${found?.port}`).toBe(expected);
  });

  it.each([
    "api.example.org",
    "api.example.org:",
    "api.example.org:0",
    "api.example.org:0443",
    "api.example.org:65536",
    "api.example.org:443:443",
    "api.example.org:+443",
    "api.example.org:4 43",
    "api.example.org:443#a",
    "user@api.example.org:443",
    "user:pass@api.example.org:443",
    "api%2eexample.org:443",
    "api_x.example.org:443",
    "api.exämple.org:443",
    "api.example.org\0.evil.test:443",
    "api..example.org:443",
    "api.example.org..:443",
    ".example.org:443",
    "-a.example.org:443",
    `${"a".repeat(64)}.org:443`,
    `${"a.".repeat(127)}org:443`,
    ":443",
    "0x7f.1:443",
    "0x7f000001:443",
    "2130706433:443",
    "0177.0.0.1:443",
    "127.1:443",
    "127.0.0.1.:443",
    "1.2.3.4.5:443",
    "256.0.0.1:443",
    "[::1%lo]:443",
    "[::1%25lo]:443",
    "[127.0.0.1]:443",
    "[localhost]:443",
    "[::1:443",
    "::1:443",
    "[]:443",
  ])("%j is none", (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });

  it("has its own spelling only once: reading it again changes nothing", () => {
    const hosts = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(
      fc.property(hosts, (text) => {
        const found = parseHost(text);
        if (found === undefined) return;
        const again = found.host.includes(":") ? `[${found.host}]` : found.host;
        expect(parseHost(again)).toEqual(found);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseAuthority(text);
        parseHost(text);
        canonicalAddress(text);
      }),
    );
  });
});
