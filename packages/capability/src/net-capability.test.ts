import { netCapability, parseCapability } from "@sigilrt/capability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("netCapability", () => {
  it.each([
    ["api.telegram.org", "api.telegram.org"],
    ["API.Telegram.ORG", "api.telegram.org"],
    ["localhost", "localhost"],
    ["my_host-1", "my_host-1"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["127.0.0.1", "127.0.0.1"],
    ["[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]"],
    ["2001:db8::1", "[2001:db8::1]"],
    ["::1", "[::1]"],
    ["::ffff:127.0.0.1", "[::ffff:7f00:1]"],
  ])("builds of the host %s the host %s", (host, canonical) => {
    expect(netCapability("connect", host, 443)).toBe(`net.connect.${canonical}:443`);
  });

  it.each([
    ["user info", "user@example.com"],
    ["an empty host", ""],
    ["an empty label", "a..b"],
    ["an empty first label", ".example.com"],
    ["the root dot", "example.com."],
    ["an address in hexadecimal", "0x7f.0.0.1"],
    ["an address in octal", "0177.0.0.1"],
    ["an address as one number", "2130706433"],
    ["an address of three parts", "127.0.1"],
    ["an address past its range", "256.0.0.1"],
    ["a numeric top label", "example.1"],
    ["full-width digits", "１２７.0.0.1"],
    ["a port", "example.com:443"],
    ["a scheme", "http://example.com"],
    ["a path", "example.com/x"],
    ["an escape", "a%2eb"],
    ["a tab that a URL parser drops", "exa\tmple.com"],
    ["a space", "a b"],
    ["a star", "*.example.com"],
    ["a soft hyphen that IDNA drops", "exa\u00admple.com"],
    ["a zero-width joiner", "a\u200db"],
    ["a zone", "fe80::1%eth0"],
    ["an unfinished bracket", "[::1"],
    ["no address in brackets", "[example.com]"],
    ["two addresses", "[::1]:80:[::1]"],
    ["a long label", "a".repeat(64)],
    ["a long name", `${"a.".repeat(130)}b`],
    ["half a surrogate pair", "a\ud800"],
  ])("refuses %s", (_, host) => {
    expect(() => netCapability("connect", host, 443)).toThrow(
      expect.objectContaining({ code: "INVALID_HOST" }),
    );
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "443"])(
    "refuses the port %s",
    (port) => {
      // @ts-expect-error: a caller without types may pass anything
      expect(() => netCapability("connect", "example.com", port)).toThrow(
        expect.objectContaining({ code: "INVALID_HOST" }),
      );
    },
  );

  it.each([1, 65_535])("takes the port %s", (port) => {
    expect(netCapability("connect", "a", port)).toBe(`net.connect.a:${port}`);
  });

  it.each(["", "*", "con.nect", "con nect", "connect./x"])("refuses the verb %j", (verb) => {
    expect(() => netCapability(verb, "example.com", 443)).toThrow(
      expect.objectContaining({ code: "INVALID_CAPABILITY" }),
    );
  });

  it("says that user info is no part of a host", () => {
    expect(() => netCapability("connect", "user@example.com", 443)).toThrow("user info");
  });

  it("refuses a host that is no text", () => {
    // @ts-expect-error: a caller without types may pass anything
    expect(() => netCapability("connect", 7, 443)).toThrow(
      expect.objectContaining({ code: "INVALID_HOST" }),
    );
  });
});

function build(host: string): string | undefined {
  try {
    return netCapability("connect", host, 443);
  } catch {
    return undefined;
  }
}

it("builds what parses, and the same again from the host it names", () => {
  const label = fc.string({
    unit: fc.constantFrom(...Array.from("aB9-_xnüß.")),
    minLength: 1,
    maxLength: 8,
  });
  const hosts = fc.oneof(label, fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(
    fc.property(hosts, (host) => {
      const built = build(host);
      fc.pre(built !== undefined);
      expect(parseCapability(built)).toBe(built);
      expect(build(built.slice("net.connect.".length, -":443".length))).toBe(built);
    }),
    { numRuns: 2000 },
  );
});
