import { canonicalAddress } from "./destination.ts";

// IANA special-purpose registry: what is not the public internet, by prefix and its length in bits.
const closedV4 = (
  [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const
).map(([prefix, bits]) => ({ prefix: bytesOf(prefix), bits }));

// Outside 2000::/3 there is nothing public; these are the exceptions inside it.
const globalV6 = { prefix: bytesOf("2000::"), bits: 3 };
const closedV6 = (
  [
    ["2001::", 23],
    ["2001:db8::", 32],
    ["3ffe::", 16],
    ["3fff::", 20],
  ] as const
).map(([prefix, bits]) => ({ prefix: bytesOf(prefix), bits }));

const mapped = { prefix: bytesOf("::ffff:0:0"), bits: 96 };
const nat64 = { prefix: bytesOf("64:ff9b::"), bits: 96 };
const sixToFour = { prefix: bytesOf("2002::"), bits: 16 };
const teredo = { prefix: bytesOf("2001::"), bits: 32 };

interface Range {
  readonly prefix: readonly number[];
  readonly bits: number;
}

/**
 * Whether an address lies on the public internet. An IPv6 address that carries an IPv4 one is judged by that, for
 * it leads there. `false` for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return false;
  const bytes = bytesOf(canonical);
  if (bytes.length === 4) return isPublicV4(bytes);
  if (isIn(bytes, mapped) || isIn(bytes, nat64)) return isPublicV4(bytes.slice(12));
  if (isIn(bytes, sixToFour)) return isPublicV4(bytes.slice(2, 6));
  if (isIn(bytes, teredo)) {
    // The client's address stands inverted behind that of its server.
    const client = bytes.slice(12).map((byte) => byte ^ 0xff);
    return isPublicV4(bytes.slice(4, 8)) && isPublicV4(client);
  }
  return isIn(bytes, globalV6) && !closedV6.some((range) => isIn(bytes, range));
}

/** The IPv4 address that an IPv4-mapped one is another spelling of; every other address as it is. */
export function unmapped(address: string): string {
  const bytes = bytesOf(address);
  return bytes.length === 16 && isIn(bytes, mapped) ? bytes.slice(12).join(".") : address;
}

function isPublicV4(bytes: readonly number[]): boolean {
  return !closedV4.some((range) => isIn(bytes, range));
}

function isIn(bytes: readonly number[], { prefix, bits }: Range): boolean {
  return prefix.every((byte, index) => {
    const left = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - left)) & 0xff;
    return ((bytes[index] ?? 0) & mask) === (byte & mask);
  });
}

/** Four or sixteen bytes of a canonical address. */
function bytesOf(address: string): readonly number[] {
  if (!address.includes(":")) return address.split(".").map(Number);
  const [head = "", tail] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const [front, back] = [head === "" ? [] : head, tail ?? []];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...zeros, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
