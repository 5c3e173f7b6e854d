import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusedAddress } from "./egress-dial.ts";
import { isDestinationAllowed } from "./egress-rules.ts";
import { parseAuthority } from "./destination.ts";
import { compile } from "./testing/requests.ts";
import { codeOf } from "./testing/thrown.ts";

const rules = (grants: readonly string[], denials: readonly string[] = []) =>
  compile({ grants, denials })
    .egress.map(({ effect, kind, host, port }) => `${effect} ${kind} ${host} ${port}`)
    .toSorted();

describe("a destination", () => {
  it.each([
    ["net.connect.api.example.org:443", ["allow name api.example.org 443"]],
    ["net.connect.localhost:80", ["allow name localhost 80"]],
    ["net.connect.*.example.org:443", ["allow suffix example.org 443"]],
    ["net.connect.192.0.2.7:443", ["allow address 192.0.2.7 443"]],
    ["net.connect.[2001:db8::1]:443", ["allow address 2001:db8::1 443"]],
    ["net.connect.[2001:0db8:0::1]:443", ["allow address 2001:db8::1 443"]],
    ["net.connect.*", ["allow any * null"]],
    ["net.*", ["allow any * null"]],
    ["net.connect", []],
    ["net.listen.example.org:80", []],
    ["tool.net.connect", []],
  ])("%s is read exactly", (grant, expected) => {
    expect(rules([grant])).toEqual(expected);
  });

  it.each([
    "net.connect.example.org",
    "net.connect.example.org:0",
    "net.connect.example.org:65536",
    "net.connect.example.org:0443",
    "net.connect.example.org:443:443",
    "net.connect.example.org:",
    "net.connect.:443",
    "net.connect.Example.org:443",
    "net.connect.user@example.org:443",
    "net.connect.exa mple.org:443",
    "net.connect.example.org:443#x",
    "net.connect.example.org:443\r\nHost",
    "net.connect.ex\0ample.org:443",
    "net.connect.-a.example.org:443",
    "net.connect.a-.example.org:443",
    "net.connect.a_b.example.org:443",
    "net.connect.a..b:443",
    "net.connect.2130706433:443",
    "net.connect.0x7f000001:443",
    "net.connect.0177.0.0.1:443",
    "net.connect.127.1:443",
    "net.connect.1.2.3.4.5:443",
    "net.connect.256.0.0.1:443",
    "net.connect.[::1%25eth0]:443",
    "net.connect.[::1:443",
    "net.connect.[]:443",
    "net.connect.::1:443",
    "net.connect.api.*",
    "net.connect.api.*:443",
    "net.connect.api.*.org:443",
    "net.connect.*.org:443",
    "net.connect.*.*.org:443",
    "net.*.example.org:443",
    "*.example.org:443",
    `net.connect.${"a".repeat(64)}.org:443`,
    `net.connect.${"a.".repeat(127)}org:443`.slice(0, 1_000),
  ])("%j is refused as no host with a port", (grant) => {
    expect(codeOf(() => rules([grant]))).toBe("HOST_REFUSED");
  });

  it("is refused or read, and never anything else, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const code = codeOf(() => rules([`net.connect.${text}:443`]));
        expect(["nothing", "HOST_REFUSED"]).toContain(code);
      }),
    );
  });
});

describe("a denied destination", () => {
  it.each([
    [["net.connect.a.example.org:443"], ["net.connect.a.example.org:443"], []],
    [["net.connect.a.example.org:443"], ["net.connect.*"], []],
    [["net.connect.a.example.org:443"], ["*"], []],
    [["net.connect.a.example.org:443"], ["net.*"], []],
    [["net.connect.a.example.org:443"], ["net.connect.*.example.org:443"], []],
    [["net.connect.*.a.example.org:443"], ["net.connect.*.example.org:443"], []],
    [
      ["net.connect.*.example.org:443"],
      ["net.connect.bad.example.org:443"],
      ["allow suffix example.org 443", "deny name bad.example.org 443"],
    ],
    [
      ["net.connect.*"],
      ["net.connect.bad.example.org:443"],
      ["allow any * null", "deny name bad.example.org 443"],
    ],
    [
      ["net.connect.a.example.org:443"],
      ["net.connect.a.example.org:80"],
      ["allow name a.example.org 443", "deny name a.example.org 80"],
    ],
    [[], ["net.connect.a.example.org:443"], []],
  ])("of %j, %j leaves %j", (grants, denials, left) => {
    expect(rules(grants, denials)).toEqual(left);
  });

  it("is refused where no rule expresses it and a destination is granted", () => {
    const denials = ["net.connect.evil.*"];
    expect(codeOf(() => rules(["net.connect.a.example.org:443"], denials))).toBe("HOST_REFUSED");
    expect(codeOf(() => rules([], denials))).toBe("nothing");
  });

  it("gives no more destinations for fewer grants", () => {
    const all = [
      "net.connect.a.example.org:443",
      "net.connect.*.example.org:80",
      "net.connect.192.0.2.7:1",
    ];
    fc.assert(
      fc.property(fc.subarray(all), (some) => {
        expect(rules(some).every((rule) => rules(all).includes(rule))).toBe(true);
      }),
    );
  });
});

describe("a connection", () => {
  const grants = [
    "net.connect.a.example.org:443",
    "net.connect.*.example.net:443",
    "net.connect.10.0.0.1:5432",
    "net.connect.[fd00::1]:443",
  ];
  const allowed = (target: string, some = grants, denials: readonly string[] = []): boolean => {
    const destination = parseAuthority(target);
    const { egress } = compile({ grants: some, denials });
    return destination !== undefined && isDestinationAllowed(egress, destination);
  };

  it.each([
    ["a.example.org:443", true],
    ["A.example.org.:443", true],
    ["a.example.org:80", false],
    ["b.example.org:443", false],
    ["b.a.example.org:443", false],
    ["xa.example.org:443", false],
    ["a.example.org.evil.test:443", false],
    ["b.example.net:443", true],
    ["c.b.example.net:443", true],
    ["example.net:443", false],
    ["bexample.net:443", false],
    ["10.0.0.1:5432", true],
    ["10.0.0.1:443", false],
    ["10.0.0.2:5432", false],
    ["[::ffff:10.0.0.1]:5432", false],
    ["[fd00::1]:443", true],
    ["[fd00:0:0::1]:443", true],
    ["[fd00::2]:443", false],
  ])("to %s: %s", (target, expected) => {
    expect(allowed(target)).toBe(expected);
  });

  it("to anywhere goes to names alone, and not to those that are denied", () => {
    const anywhere = ["net.connect.*"];
    const denials = ["net.connect.bad.example.org:443", "net.connect.*.evil.test:80"];
    expect(allowed("whatever.test:1", anywhere)).toBe(true);
    expect(allowed("93.184.216.34:443", anywhere)).toBe(false);
    expect(allowed("bad.example.org:443", anywhere, denials)).toBe(false);
    expect(allowed("a.evil.test:80", anywhere, denials)).toBe(false);
    expect(allowed("a.evil.test:81", anywhere, denials)).toBe(true);
  });

  it("is refused by one closed address among its answers, unless that literal is granted", () => {
    const refused = (addresses: readonly string[], port = 5432, denials: readonly string[] = []) =>
      refusedAddress(addresses, compile({ grants, denials }).egress, port);
    expect(refused(["93.184.216.34", "2606:4700::1111"])).toBeUndefined();
    expect(refused(["93.184.216.34", "127.0.0.1"])).toBe("127.0.0.1");
    expect(refused(["10.0.0.1"])).toBeUndefined();
    expect(refused(["10.0.0.1", "10.0.0.2"])).toBe("10.0.0.2");
    expect(refused(["10.0.0.1"], 443)).toBe("10.0.0.1");
    expect(refused(["::ffff:a00:1"])).toBe("::ffff:a00:1");
  });

  it("is refused to a denied address by whatever name or spelling leads there", () => {
    const { egress } = compile({
      grants: ["net.connect.*"],
      denials: ["net.connect.93.184.216.34:443"],
    });
    expect(refusedAddress(["93.184.216.34"], egress, 443)).toBe("93.184.216.34");
    expect(refusedAddress(["::ffff:5db8:d822"], egress, 443)).toBe("::ffff:5db8:d822");
    expect(refusedAddress(["93.184.216.34"], egress, 80)).toBeUndefined();
  });
});
