import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress, unmapped } from "./address-guard.ts";

const closed = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.1", "127.255.255.255"],
  ["169.254.0.0", "169.254.169.254"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.1", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.1", "239.255.255.255"],
  ["240.0.0.1", "255.255.255.255"],
].flat();

const open = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"].concat(
  ["126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255"],
  ["172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"],
  ["93.184.216.34", "223.255.255.255"],
);

const hex = (address: string): readonly string[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
};
const inverted = (address: string): string =>
  address
    .split(".")
    .map((part) => 255 - Number(part))
    .join(".");
const carriers: readonly (readonly [string, (address: string) => string])[] = [
  ["IPv4-mapped", (address) => `::ffff:${address}`],
  ["NAT64", (address) => `64:ff9b::${address}`],
  ["6to4", (address) => `2002:${hex(address).join(":")}::1`],
  ["Teredo, client", (address) => `2001:0:101:101:0:0:${hex(inverted(address)).join(":")}`],
  ["Teredo, server", (address) => `2001:0:${hex(address).join(":")}:0:0:fefe:fefe`],
];

describe("an address of the public internet", () => {
  it.each(open)("is %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(closed)("is not %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(["2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2400::"])(
    "is %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(
    [
      ["::", "::1", "::7f00:1", "::ffff:0:7f00:1", "100::1", "64:ff9b:1::1"],
      ["fc00::1", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1"],
      ["2001:db8::1", "3fff::1", "2001:2::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1"],
      ["fe80::1%eth0", "127.1", "0x7f.0.0.1", "localhost", "", "1.1.1.1:80", "[::1]"],
    ].flat(),
  )("is not %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(carriers)("is judged by the IPv4 address it carries: %s", (_, carry) => {
    for (const address of closed) expect(isPublicAddress(carry(address))).toBe(false);
    for (const address of open) expect(isPublicAddress(carry(address))).toBe(true);
  });

  it("is told apart for any text, without throwing", () => {
    const oneOf = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(oneOf, (address) => {
        expect([true, false]).toContain(isPublicAddress(address));
      }),
    );
  });

  it("has one identity with its IPv4-mapped spelling", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(unmapped(`::ffff:${hex(address).join(":")}`)).toBe(address);
      }),
    );
    expect(unmapped("2001:db8::1")).toBe("2001:db8::1");
  });
});
