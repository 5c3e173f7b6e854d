import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isForHosts, parseHosts } from "./host-check.ts";

const accepted = parseHosts(["localhost", "127.0.0.1", "[::1]", "tools.example:8443"]);
const isAccepted = (host: readonly string[], origin: readonly string[] = []): boolean =>
  isForHosts({ headersDistinct: { host: [...host], origin: [...origin] } }, accepted);

describe("the check of Host and Origin", () => {
  it.each(["localhost", "LOCALHOST:3000", "127.0.0.1:1", "[::1]:80", "tools.example:8443"])(
    "accepts the host %s",
    (host) => {
      expect(isAccepted([host])).toBe(true);
    },
  );

  it.each([
    "evil.example",
    "localhost.evil.example",
    "evil@localhost",
    "localhost/evil",
    "localhost#evil",
    "localhost?evil",
    "localhost\\evil",
    "localhost.",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "[::ffff:127.0.0.1]",
    "localhost:80:80",
    "localhost:",
    "tools.example",
    "tools.example:443",
    " localhost",
    "",
  ])("refuses the host %j", (host) => {
    expect(isAccepted([host])).toBe(false);
  });

  it("refuses a request without a host, and one with two", () => {
    expect(isForHosts({ headersDistinct: {} }, accepted)).toBe(false);
    expect(isAccepted(["localhost", "evil.example"])).toBe(false);
    expect(isAccepted(["localhost"], ["http://localhost", "http://evil.example"])).toBe(false);
  });

  it.each(["http://localhost:5173", "https://localhost", "https://tools.example:8443"])(
    "accepts the origin %s",
    (origin) => {
      expect(isAccepted(["localhost"], [origin])).toBe(true);
    },
  );

  it.each([
    "null",
    "",
    "http://evil.example",
    "https://tools.example",
    "http://localhost.evil.example",
    "http://evil.example:80@localhost",
    "http://localhost/evil",
    "file://localhost",
    "chrome-extension://localhost",
    "localhost",
  ])("refuses the origin %j", (origin) => {
    expect(isAccepted(["localhost"], [origin])).toBe(false);
  });

  it("reads the standard port into an origin without one", () => {
    const hosts = parseHosts(["a.example:443"]);
    const from = (origin: string): boolean =>
      isForHosts({ headersDistinct: { host: ["a.example:443"], origin: [origin] } }, hosts);
    expect(from("https://a.example")).toBe(true);
    expect(from("http://a.example")).toBe(false);
  });

  it("accepts a name with nothing around it but a port", () => {
    const around = fc.oneof(fc.constantFrom("", ":", "@", ".", "/", ":1", ":80", " "), fc.string());
    fc.assert(
      fc.property(around, around, (before, after) => {
        const host = `${before}localhost${after}`;
        expect(isAccepted([host])).toBe(before === "" && /^(?::\d{1,5})?$/u.test(after));
      }),
    );
  });
});
