import { advise, parsePattern } from "@sigilrt/capability";
import { expect, it } from "vitest";

const rulesOf = (pattern: string): readonly string[] =>
  advise(parsePattern(pattern)).map(({ rule }) => rule);

it.each([
  ["net.connect.api.*", ["host-star-not-first", "host-without-port"]],
  ["net.connect.api.*.com:443", ["host-star-not-first"]],
  ["net.connect.*.*", ["host-star-not-first", "host-without-port"]],
  ["net.connect.10.*", ["host-star-not-first", "host-star-in-address", "host-without-port"]],
  ["net.connect.*.0.0.1:80", ["host-star-in-address"]],
  ["net.connect.*.example.9:80", ["host-star-in-address"]],
  ["net.connect.api.telegram.org", ["host-without-port"]],
  ["net.connect.example.com:0", ["host-without-port"]],
  ["net.connect.example.com:65536", ["host-without-port"]],
  ["net.connect.example.com:https", ["host-without-port"]],
  ["net.connect.example.com:1e3", ["host-without-port"]],
  ["net.connect.example.com:000443", ["host-without-port"]],
  ["net.connect.*.example.9a", ["host-without-port"]],
  ["net.connect.10:80.*.example.com:443", ["host-star-not-first"]],
  ["net.connect.[2001:db8::1]", ["host-without-port"]],
  ["net.*.example.com:443", ["host-star-as-verb"]],
  ["net.connect.Example.com:443", ["host-not-lower-case"]],
  ["net.connect.[2001:DB8::1]:443", ["host-not-lower-case"]],
])("advises on %s by %j", (pattern, rules) => {
  expect(rulesOf(pattern)).toEqual(rules);
});

it.each([
  "net.connect.*",
  "net.connect.*.telegram.org:443",
  "net.connect.api.telegram.org:65535",
  "net.connect.10.0.0.1:80",
  "net.connect.example.com:1",
  "net.*.*",
  "net.connect.[2001:db8::1]:443",
  "net.connect",
  "net.*",
  "net.connect./data/*",
  "net./",
  "filesystem.Read.api.*",
  "*",
])("has nothing to say about %s", (pattern) => {
  expect(rulesOf(pattern)).toEqual([]);
});

it("names the pattern and says what to write, frozen", () => {
  const pattern = parsePattern("net.connect.api.*");
  const advice = advise(pattern);
  expect(advice[0]).toEqual({
    pattern,
    rule: "host-star-not-first",
    hint: expect.stringContaining("net.connect.*.example.com:443"),
  });
  expect(Object.isFrozen(advice)).toBe(true);
  expect(Object.isFrozen(advice[0])).toBe(true);
});
