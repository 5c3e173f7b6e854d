/** The bytes of a status message that are kept. */
const KEPT_BYTES = 1024;

/** Writes a status message for a header: UTF-8, percent-encoded, at most 1 KiB of text. */
export function encodeStatusMessage(message: string): string {
  const bytes = new TextEncoder().encode(message).subarray(0, KEPT_BYTES);
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}

/** Reads a status message from a header. Total: malformed sequences stay as they are, and 1 KiB is kept. */
export function decodeStatusMessage(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < text.length && bytes.length < KEPT_BYTES; at += 1) {
    const hex = text.slice(at + 1, at + 3);
    if (text[at] === "%" && /^[\da-f]{2}$/iu.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(text.charCodeAt(at) & 0xff);
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
