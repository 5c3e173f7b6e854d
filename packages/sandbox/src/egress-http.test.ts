import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSplit } from "./testing/read-split.ts";

const read = (text: string) => readSplit(Buffer.from(text, "latin1"), []);
const connect = (target: string): string => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;
const get = (...fields: readonly string[]): string =>
  ["GET http://a.example.org/x?y=%20 HTTP/1.1", ...fields, "\r\n"].join("\r\n");
const refusedAs = (text: string) => (read(text) as { state: string }).state;

describe("a tunnel", () => {
  it.each(["HTTP/1.1", "HTTP/1.0"])("is read from %s, with the bytes behind it", (version) => {
    expect(read(`CONNECT A.example.org:443 ${version}\r\n\r\nhello\n`)).toEqual({
      state: "asked",
      protocol: "connect",
      destination: { kind: "name", host: "a.example.org", port: 443 },
      rest: "hello\n",
    });
  });

  it.each([
    "user@a.example.org:443",
    "a.example.org:443#b.example.org:443",
    "a.example.org\0.b.example.org:443",
    "a.example.org\r\nX:443",
    "a.example.org%00:443",
    "a.example.org:443 b.example.org:443",
    "a.example.org\t:443",
    "a.example.org",
    "a.example.org:0",
    "a.example.org:99999",
    "2130706433:443",
    "0x7f000001:443",
    "0177.0.0.1:443",
    "[::1%25lo]:443",
    "/",
    "*",
    "http://a.example.org/",
  ])("to %j is refused", (target) => {
    expect(refusedAs(connect(target))).toBe("malformed");
  });

  it("with a body is refused", () => {
    expect(refusedAs("CONNECT a.example.org:443 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")).toBe(
      "malformed",
    );
  });
});

describe("a plain request", () => {
  it("has its line and Host rebuilt, and nothing that was meant for the proxy", () => {
    const text = get(
      "Host: evil.test",
      "Accept: */*",
      "Proxy-Authorization: Basic c2VjcmV0",
      "Proxy-Connection: keep-alive",
      "Connection: keep-alive, X-Hop, Content-Length",
      "Keep-Alive: timeout=5",
      "X-Hop: 1",
      "TE: trailers",
      "Content-Length: 3",
    );
    expect(read(`${text}abcGET http://b.example.org/`)).toEqual({
      state: "asked",
      protocol: "http",
      destination: { kind: "name", host: "a.example.org", port: 80 },
      head: "GET /x?y=%20 HTTP/1.1\r\nHost: a.example.org\r\nAccept: */*\r\nContent-Length: 3\r\nConnection: close\r\n\r\n",
      bodyBytes: 3,
      rest: "abcGET http://b.example.org/",
    });
  });

  it.each([
    ["http://a.example.org", "/", "a.example.org"],
    ["HTTP://a.example.org?q", "/?q", "a.example.org"],
    ["http://a.example.org:8080/", "/", "a.example.org:8080"],
    ["http://[2001:DB8::1]:8080/", "/", "[2001:db8::1]:8080"],
  ])("for %s asks for %s of %s", (target, path, host) => {
    const { head } = read(`GET ${target} HTTP/1.1\r\n\r\n`) as { head: string };
    expect(head).toBe(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });

  it.each([
    ["origin form", "GET / HTTP/1.1\r\nHost: a.example.org\r\n\r\n"],
    ["another scheme", "GET https://a.example.org/ HTTP/1.1\r\n\r\n"],
    ["userinfo", "GET http://u@a.example.org/ HTTP/1.1\r\n\r\n"],
    ["a fragment", "GET http://a.example.org/#b HTTP/1.1\r\n\r\n"],
    ["a fragment as host", "GET http://a.example.org#@b.example.org/ HTTP/1.1\r\n\r\n"],
    ["a backslash as host", "GET http://a.example.org\\@b.example.org/ HTTP/1.1\r\n\r\n"],
    ["an encoded host", "GET http://a%2eexample.org/ HTTP/1.1\r\n\r\n"],
    ["HTTP/1.0", "GET http://a.example.org/ HTTP/1.0\r\n\r\n"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["no version", "GET http://a.example.org/\r\n\r\n"],
    ["two spaces", "GET  http://a.example.org/ HTTP/1.1\r\n\r\n"],
    ["a lower-case method", "get http://a.example.org/ HTTP/1.1\r\n\r\n"],
    ["an empty first line", "\r\nGET http://a.example.org/ HTTP/1.1\r\n\r\n"],
    ["a bare line feed", "GET http://a.example.org/ HTTP/1.1\nX: y\r\n\r\n"],
    ["a bare carriage return", get("X: a\rGET http://b.example.org/ HTTP/1.1")],
    ["two carriage returns", get("X: a\r")],
    ["folding", get("X: a", " b")],
    ["folding by tab", get("X: a", "\tb")],
    ["a space before the colon", get("Content-Length : 3")],
    ["a field without a name", get(": x")],
    ["a field without a colon", get("Host")],
    ["NUL", get("X: a\0b")],
    ["a control byte", get("X: a\u0001b")],
    ["DEL", get("X: a\u007Fb")],
    ["a byte that is not ASCII", get("X: \u00e9")],
    ["two Host fields", get("Host: a.example.org", "Host: a.example.org")],
    ["Upgrade", get("Connection: Upgrade", "Upgrade: websocket")],
    ["both framings", get("Content-Length: 3", "Transfer-Encoding: chunked")],
    ["chunked framing", get("Transfer-Encoding: chunked")],
    ["an unknown framing", get("Transfer-Encoding: xchunked")],
    ["two lengths", get("Content-Length: 3", "content-length: 3")],
    ["a list of lengths", get("Content-Length: 3, 3")],
    ["a signed length", get("Content-Length: +3")],
    ["a length in hex", get("Content-Length: 0x3")],
    ["an endless length", get(`Content-Length: ${"9".repeat(16)}`)],
    ["65 fields", get(...Array.from({ length: 65 }, (_, index) => `X-${index}: y`))],
    ["over 16 KiB", get(`X: ${"y".repeat(16_384)}`)],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["SOCKS4", "\x04\x01\x00\x50\x7f\x00\x00\x01\x00"],
  ])("with %s is refused", (_, text) => {
    expect(refusedAs(text)).toBe("malformed");
  });

  it("fits with 64 fields and with a head of exactly 16 KiB", () => {
    expect(refusedAs(get(...Array.from({ length: 64 }, (_, index) => `X-${index}: y`)))).toBe(
      "asked",
    );
    const filling = "y".repeat(16_384 - get("X: ").length);
    expect(refusedAs(get(`X: ${filling}`))).toBe("asked");
    expect(refusedAs(get(`X: ${filling}y`))).toBe("malformed");
  });
});

describe("reading", () => {
  it("answers the same for every split", () => {
    const heads = [
      connect("a.example.org:443"),
      `${get("Content-Length: 3")}abcdef`,
      get("Content-Length: 3", "Transfer-Encoding: chunked"),
      get("X: a\rb"),
      "\x05\x01\x00\x05\x01\x00\x03\x0da.example.org\x01\xbbrest",
      "\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb",
      "\x05\x01\x02",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.array(fc.nat(200)), (text, cuts) => {
        const input = Buffer.from(text, "latin1");
        const within = cuts.map((cut) => cut % (input.length + 1));
        expect(readSplit(input, within)).toEqual(readSplit(input, []));
      }),
    );
  });
});
