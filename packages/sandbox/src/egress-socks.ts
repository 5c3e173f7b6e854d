import { canonicalAddress, type Destination, parseHost } from "./destination.ts";
import { type EgressReader, malformed, type Reading } from "./egress-reader.ts";

const version = 5;
const noAuthentication = 0;
const connect = 1;
const addressLengths: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const nameType = 3;
const fixedBytes = 4;
const portBytes = 2;
// A greeting with 255 methods, and a request with a name of 255 bytes.
const maxBytes = 2 + 255 + fixedBytes + 1 + 255 + portBytes;

/** Reads a SOCKS5 greeting without authentication and one `CONNECT`. */
export function createSocksReader(): EgressReader {
  let bytes: Buffer = Buffer.alloc(0);
  let behind: Buffer = Buffer.alloc(0);
  let verdict: Reading = { state: "more" };
  return {
    read(chunk) {
      if (verdict.state === "asked" || verdict.state === "malformed") return verdict;
      const kept = maxBytes - bytes.length;
      bytes = Buffer.concat([bytes, chunk.subarray(0, kept)]);
      behind = chunk.subarray(kept);
      verdict = readBytes(bytes, behind);
      return verdict;
    },
  };
}

function readBytes(bytes: Buffer, behind: Buffer): Reading {
  if (bytes.length > 0 && bytes[0] !== version) {
    return malformed("socks5", "not version 5", true);
  }
  const methods = bytes[1];
  if (methods === undefined || bytes.length < 2 + methods) return { state: "more" };
  if (!bytes.subarray(2, 2 + methods).includes(noAuthentication)) {
    return malformed("socks5", "no method without authentication", true);
  }
  return readConnect(bytes.subarray(2 + methods), behind);
}

function readConnect(bytes: Buffer, behind: Buffer): Reading {
  const [first, command, reserved, type = 0, nameLength = 0] = bytes;
  if (first !== undefined && first !== version) return malformed("socks5", "not version 5");
  if (command !== undefined && command !== connect) return malformed("socks5", "not CONNECT");
  if (reserved !== undefined && reserved !== 0) return malformed("socks5", "a reserved byte");
  if (bytes.length < fixedBytes) return { state: "greeted" };
  const isName = type === nameType;
  const start = fixedBytes + (isName ? 1 : 0);
  const length = isName ? nameLength : addressLengths[type];
  if (length === undefined) return malformed("socks5", "an unknown type of address");
  const end = start + length + portBytes;
  if (bytes.length < end || (isName && bytes.length <= fixedBytes)) return { state: "greeted" };

  const host = hostOf(bytes.subarray(start, start + length), isName);
  const port = bytes.readUInt16BE(end - portBytes);
  if (host === undefined || port === 0) return malformed("socks5", "no host or no port");
  const rest = Buffer.concat([bytes.subarray(end), behind]);
  return { state: "asked", protocol: "socks5", destination: { ...host, port }, rest };
}

function hostOf(bytes: Buffer, isName: boolean): Omit<Destination, "port"> | undefined {
  // Each byte becomes one character, so a byte that is not ASCII is in no name.
  if (isName) return parseHost(bytes.toString("latin1"));
  const text = bytes.length === 4 ? bytes.join(".") : hexGroups(bytes);
  const host = canonicalAddress(text);
  return host === undefined ? undefined : { kind: "address", host };
}

function hexGroups(bytes: Buffer): string {
  return (bytes.toString("hex").match(/.{4}/g) ?? []).join(":");
}
