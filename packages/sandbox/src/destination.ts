import { isIPv4, isIPv6 } from "node:net";

/** Where a connection wants to go, in the one spelling that rules are compared with. */
export interface Destination {
  readonly kind: "name" | "address";
  /** Lower-case name without a final dot, or canonical address without brackets. */
  readonly host: string;
  readonly port: number;
}

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const addressLike = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const maxName = 253;
// The longest name, a final dot, a colon and five digits.
const maxAuthority = 260;

/** Reads `host:port` as it stands in a request; `undefined` for anything else. */
export function parseAuthority(text: string, defaultPort?: number): Destination | undefined {
  if (text.length > maxAuthority) return undefined;
  const [, host = "", , digits] = /^(\[[^\]]*\]|[^:]*)(:([0-9]*))?$/.exec(text) ?? [];
  const found = parseHost(host);
  const port = digits === undefined ? defaultPort : parsePort(digits);
  return found === undefined || port === undefined ? undefined : { ...found, port };
}

/** Reads a name, a strict dotted quad or an IPv6 address in brackets; `undefined` for anything else. */
export function parseHost(text: string): Omit<Destination, "port"> | undefined {
  if (text.startsWith("[")) {
    const address = text.endsWith("]") ? canonicalAddress(text.slice(1, -1)) : undefined;
    return address?.includes(":") ? { kind: "address", host: address } : undefined;
  }
  if (isIPv4(text)) return { kind: "address", host: text };
  const lower = text.toLowerCase();
  const name = lower.endsWith(".") ? lower.slice(0, -1) : lower;
  const labels = name.split(".");
  if (name.length > maxName || !labels.every((part) => label.test(part))) return undefined;
  // 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are spellings of addresses that some resolvers accept.
  if (addressLike.test(labels.at(-1) ?? "")) return undefined;
  return { kind: "name", host: name };
}

/** The one spelling of an address; `undefined` for what is none, or is one of a single interface. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function parsePort(digits: string): number | undefined {
  const port = Number(digits);
  return /^[1-9][0-9]{0,4}$/.test(digits) && port <= 65_535 ? port : undefined;
}
