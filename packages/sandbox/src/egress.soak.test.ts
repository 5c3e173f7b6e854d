import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./address-guard.ts";
import { type Destination } from "./destination.ts";
import { refusedAddress } from "./egress-dial.ts";
import { isDestinationAllowed } from "./egress-rules.ts";
import { readSplit } from "./testing/read-split.ts";
import { compile } from "./testing/requests.ts";

const { egress } = compile({
  grants: [
    "net.connect.a.example.org:443",
    "net.connect.*.example.net:80",
    "net.connect.10.0.0.1:80",
  ],
  denials: ["net.connect.bad.example.net:80"],
});

/** What the list says, spelled out by someone who has not read how it is decided. */
const isOnList = ({ kind, host, port }: Destination): boolean =>
  kind === "address"
    ? host === "10.0.0.1" && port === 80
    : (host === "a.example.org" && port === 443) ||
      (/^.+\.example\.net$/.test(host) && host !== "bad.example.net" && port === 80);

const named = (name: string, port: number): string =>
  `\x05\x01\x00\x05\x01\x00\x03${String.fromCodePoint(name.length)}${name}${String.fromCodePoint(port >> 8, port & 0xff)}`;
const parsers = {
  "CONNECT requests": [
    "CONNECT a.example.org:443 HTTP/1.1\r\nHost: a.example.org:443\r\n\r\nhello",
    "CONNECT x.example.net:80 HTTP/1.0\r\n\r\n",
    "CONNECT [::ffff:10.0.0.1]:80 HTTP/1.1\r\n\r\n",
    "CONNECT 10.0.0.1:80 HTTP/1.1\r\n\r\n",
  ],
  "absolute-form requests": [
    "GET http://x.example.net/a?b HTTP/1.1\r\nHost: x.example.net\r\nAccept: */*\r\n\r\n",
    "POST http://10.0.0.1:80/ HTTP/1.1\r\nContent-Length: 2\r\nConnection: x\r\n\r\nhi",
    "GET http://bad.example.net/ HTTP/1.1\r\nHost: x.example.net\r\n\r\nGET http://b/ HTTP/1.1\r\n\r\n",
  ],
  "SOCKS5 requests": [
    named("a.example.org", 443),
    named("x.example.net", 80),
    "\x05\x02\x00\x02\x05\x01\x00\x01\x0a\x00\x00\x01\x00\x50rest",
    `\x05\x01\x00\x05\x01\x00\x04${"\0".repeat(10)}\xff\xff\x0a\x00\x00\x01\x00\x50`,
  ],
} as const;

const special = fc.constantFrom(
  ..."\0|\r|\n|\r\n|\r\n\r\n| |\t|@|#|%00|:|.|[|]|/|\\|*|\x05|\x04|\xff|example.net|evil.test".split(
    "|",
  ),
  ..."127.0.0.1|0x7f.1|80|::1|Host: b\r\n|Transfer-Encoding: chunked\r\n|Content-Length: 9\r\n".split(
    "|",
  ),
);
const change = fc.record({
  at: fc.nat(120),
  cut: fc.nat(3),
  insert: fc.oneof(
    special,
    fc.nat(255).map((code) => String.fromCharCode(code)),
    fc.constant(""),
  ),
});
const answers = fc.subarray(["93.184.216.34", "10.0.0.1", "127.0.0.1", "::ffff:a00:1", "2400::1"]);

const mutated = (seeds: readonly string[]): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 3 })).map(([seed, changes]) =>
    Buffer.from(
      changes.reduce(
        (text, { at, cut, insert }) => text.slice(0, at) + insert + text.slice(at + cut),
        seed,
      ),
      "latin1",
    ),
  );

const everyByte = Array.from({ length: 400 }, (_, index) => index);

describe.each(Object.entries(parsers))("mutated %s", (_, seeds) => {
  it("never throw, read the same for every split, and lead nowhere but to the list", () => {
    let asked = 0;
    let dialled = 0;
    fc.assert(
      fc.property(mutated(seeds), answers, (input, resolved) => {
        const verdict = readSplit(input, []);
        expect(readSplit(input, everyByte.slice(0, input.length))).toEqual(verdict);
        const { state, destination } = verdict as { state: string; destination?: Destination };
        expect(["more", "greeted", "malformed", "asked"]).toContain(state);
        if (destination === undefined) return;
        asked += 1;
        const isAllowed = isDestinationAllowed(egress, destination);
        expect(isAllowed).toBe(isOnList(destination));
        if (!isAllowed) return;
        const { kind, host, port } = destination;
        const addresses = kind === "address" ? [host] : resolved;
        if (refusedAddress(addresses, egress, port) !== undefined) return;
        dialled += addresses.length;
        for (const address of addresses) {
          expect(
            isPublicAddress(address) || isOnList({ kind: "address", host: address, port }),
          ).toBe(true);
        }
      }),
      { numRuns: Math.ceil(count("inputs") / Object.keys(parsers).length) },
    );
    // The mutations are not so wild that nothing is left to decide.
    expect([asked > 0, dialled > 0]).toEqual([true, true]);
  });
});
