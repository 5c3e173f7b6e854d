import { type EgressProtocol } from "./egress-reader.ts";

/** Why a client is sent away. It learns a class, never a reason. */
export type Refusal = "forbidden" | "unreachable" | "unavailable";

const httpStatus = {
  forbidden: "403 Forbidden",
  unreachable: "502 Bad Gateway",
  unavailable: "503 Service Unavailable",
} as const satisfies Record<Refusal, string>;

// RFC 1928 section 6: not allowed by the ruleset, host unreachable, general failure.
const socksReply = {
  forbidden: 2,
  unreachable: 4,
  unavailable: 1,
} as const satisfies Record<Refusal, number>;

/** What is written before the bytes of an open tunnel. */
export function establishedAnswer(protocol: "connect" | "socks5"): Buffer {
  return protocol === "socks5"
    ? socksAnswer(0)
    : Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n");
}

/** What a client that is sent away reads, in its protocol. */
export function refusalAnswer(protocol: EgressProtocol, refusal: Refusal): Buffer {
  if (protocol === "socks5") return socksAnswer(socksReply[refusal]);
  const status = httpStatus[refusal];
  return Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

/** What a SOCKS client reads whose greeting was refused. */
export const noMethodAnswer: Buffer = Buffer.from([5, 0xff]);

// The bound address is nobody's business inside: zeros.
function socksAnswer(reply: number): Buffer {
  return Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
}
