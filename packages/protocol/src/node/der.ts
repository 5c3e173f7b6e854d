/** Writes ASN.1 in DER (ITU-T X.690): as much of it as a certificate needs. Every function answers a whole element. */
export const der = {
  sequence: (...items: readonly Uint8Array[]): Uint8Array => element(0x30, ...items),
  set: (...items: readonly Uint8Array[]): Uint8Array => element(0x31, ...items),
  boolean: (value: boolean): Uint8Array => element(0x01, Uint8Array.of(value ? 0xff : 0)),
  /** A positive integer, from its bytes, most significant first. */
  integer(bytes: Uint8Array): Uint8Array {
    const first = bytes.findIndex((byte) => byte !== 0);
    const shortest = first === -1 ? Uint8Array.of(0) : bytes.subarray(first);
    // A set top bit would make it negative.
    const sign = (shortest[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : [];
    return element(0x02, ...sign, shortest);
  },
  bitString: (bytes: Uint8Array, unusedBits = 0): Uint8Array =>
    element(0x03, Uint8Array.of(unusedBits), bytes),
  octetString: (bytes: Uint8Array): Uint8Array => element(0x04, bytes),
  utf8String: (text: string): Uint8Array => element(0x0c, new TextEncoder().encode(text)),
  /** `1.2.840.…` */
  objectIdentifier(dotted: string): Uint8Array {
    const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
    return element(0x06, ...[first * 40 + second, ...rest].map(base128));
  },
  /** UTCTime up to 2049 and GeneralizedTime after it (RFC 5280, section 4.1.2.5), to the second. */
  time(at: Date): Uint8Array {
    const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/gu, "");
    const isShort = at.getUTCFullYear() >= 1950 && at.getUTCFullYear() < 2050;
    const text = isShort ? digits.slice(2) : digits;
    return element(isShort ? 0x17 : 0x18, new TextEncoder().encode(text));
  },
  /** `[n] EXPLICIT`: the element with a tag of its own around it. */
  explicit: (tag: number, item: Uint8Array): Uint8Array => element(0xa0 | tag, item),
  /** `[n] IMPLICIT` of a primitive type: the bytes under another tag. */
  implicit: (tag: number, bytes: Uint8Array): Uint8Array => element(0x80 | tag, bytes),
} as const;

function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return join([Uint8Array.of(tag), lengthOf(length), ...parts]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

function base128(value: number): Uint8Array {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 | (rest % 128));
  }
  return Uint8Array.from(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
