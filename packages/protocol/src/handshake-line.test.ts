import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHandshake, handshake, type HandshakeLine, LIMITS, parseHandshake } from "./index.ts";

const der = Uint8Array.from({ length: 60 }, (_, index) => index);

describe("parseHandshake", () => {
  it.each<[string, HandshakeLine]>([
    [
      "1|1|unix|/tmp/plugin1|grpc",
      { coreVersion: 1, version: 1, network: "unix", address: "/tmp/plugin1", protocol: "grpc" },
    ],
    [
      "1|5|tcp|127.0.0.1:10000|grpc|\n",
      { coreVersion: 1, version: 5, network: "tcp", address: "127.0.0.1:10000", protocol: "grpc" },
    ],
    [
      "1|1|unix|/s",
      { coreVersion: 1, version: 1, network: "unix", address: "/s", protocol: "netrpc" },
    ],
    [
      "2|1|unix|/s|netrpc||true\r\n",
      {
        coreVersion: 2,
        version: 1,
        network: "unix",
        address: "/s",
        protocol: "netrpc",
        multiplex: true,
      },
    ],
    [
      `1|1|unix|/s|grpc|${"A".repeat(50)}|false`,
      {
        coreVersion: 1,
        version: 1,
        network: "unix",
        address: "/s",
        protocol: "grpc",
        multiplex: false,
      },
    ],
  ])("reads %j", (line, expected) => {
    expect(parseHandshake(line)).toEqual(expected);
  });

  it("reads back a certificate without padding", () => {
    const line = formatHandshake({ ...parseHandshake("1|1|unix|/s|grpc"), certificate: der });
    expect(line).not.toContain("=");
    expect(parseHandshake(line).certificate).toEqual(der);
  });

  it.each([
    "",
    "hello",
    "1|1",
    "1|1|unix",
    "1|1|unix||grpc",
    "1|1|pipe|/s|grpc",
    "x|1|unix|/s|grpc",
    "1|-1|unix|/s|grpc",
    "1|1e1|unix|/s|grpc",
    "1|01|unix|/s|grpc",
    "1|1|unix|/s|grpc||maybe",
    "1|1|unix|/s|grpc||true|more",
    "1|1|unix|/a\u0000b|grpc",
    "1|1|unix| /s|grpc",
    `1|1|unix|/${"s".repeat(LIMITS.handshakeLineBytes)}|grpc`,
  ])("refuses %j", (line) => {
    expect(() => parseHandshake(line)).toThrow(
      expect.objectContaining({ code: "HANDSHAKE_MALFORMED" }),
    );
  });

  it.each([`${"A".repeat(51)}=`, "A".repeat(53), `${"A".repeat(60)}!`, `${"A".repeat(53)}B`])(
    "refuses the certificate %j",
    (certificate) => {
      expect(() => parseHandshake(`1|1|unix|/s|grpc|${certificate}`)).toThrow(
        expect.objectContaining({ code: "CERTIFICATE_MALFORMED" }),
      );
    },
  );

  it("quotes a hostile line escaped and cut", () => {
    expect(() => parseHandshake(`\u001b[2J\u202e${"x".repeat(5000)}`)).toThrow(
      /^[\x20-\x7e]{1,400}$/u,
    );
  });
});

describe("formatHandshake", () => {
  it("writes six fields, and seven when asked about multiplexing", () => {
    const line = parseHandshake("1|1|unix|/s|grpc");
    expect(formatHandshake(line)).toBe("1|1|unix|/s|grpc|");
    expect(formatHandshake({ ...line, multiplex: true })).toBe("1|1|unix|/s|grpc||true");
  });

  it("refuses what could not be read back", () => {
    const line = parseHandshake("1|1|unix|/s|grpc");
    expect(() => formatHandshake({ ...line, address: "/a|b" })).toThrow(RangeError);
    expect(() => formatHandshake({ ...line, protocol: "" })).toThrow(RangeError);
    expect(() => formatHandshake({ ...line, version: -1 })).toThrow(RangeError);
    expect(() => formatHandshake({ ...line, certificate: new Uint8Array(3) })).toThrow(RangeError);
  });

  it("writes what parseHandshake reads back", () => {
    const lines = fc.record(
      {
        coreVersion: fc.nat(999),
        version: fc.nat(999_999),
        network: fc.constantFrom("unix", "tcp"),
        address: fc.stringMatching(/^[!-{}~]{1,60}$/u),
        protocol: fc.constantFrom("grpc", "netrpc"),
        certificate: fc.uint8Array({ minLength: 40, maxLength: 900 }),
        multiplex: fc.boolean(),
      },
      { requiredKeys: ["coreVersion", "version", "network", "address", "protocol"] },
    );
    fc.assert(
      fc.property(lines, (line) => {
        expect(parseHandshake(formatHandshake(line as HandshakeLine))).toEqual(line);
      }),
    );
  });
});

it("names the cookie of a plugin", () => {
  expect(handshake).toEqual({
    protocolVersion: 1,
    magicCookieKey: "SIGIL_PLUGIN",
    magicCookieValue: "aGFzaGljb3JwLWdvLXBsdWdpbg==",
  });
});
