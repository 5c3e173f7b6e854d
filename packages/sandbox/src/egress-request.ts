import { type Socket } from "node:net";
import { createHttpReader } from "./egress-http.ts";
import { type Asked, type EgressReader, malformed, type Reading } from "./egress-reader.ts";
import { createSocksReader } from "./egress-socks.ts";

const socksVersion = 5;
const methodAccepted = Buffer.from([socksVersion, 0]);

/** Reads the beginning of a connection in either protocol: the first byte tells which. */
export function createEgressReader(): EgressReader {
  let reader: EgressReader | undefined;
  return {
    read(chunk) {
      if (chunk.length > 0) {
        reader ??= chunk[0] === socksVersion ? createSocksReader() : createHttpReader();
      }
      return reader?.read(chunk) ?? { state: "more" };
    },
  };
}

/** How the beginning of a connection ended; `gone` when the client left without having said anything. */
export type Request = Asked | Extract<Reading, { state: "malformed" }> | { readonly state: "gone" };

/**
 * Waits for a whole request and leaves the connection paused behind it. Answers the greeting of a SOCKS client.
 * A client that stays unfinished for `timeoutMs` is malformed: many of them would fill every place.
 */
export function readRequest(client: Socket, timeoutMs: number): Promise<Request> {
  const reader = createEgressReader();
  let isGreeted = false;
  let hasSpoken = false;
  return new Promise((resolve) => {
    const settle = (request: Request): void => {
      clearTimeout(timer);
      client.off("data", take);
      client.off("end", leave);
      client.off("close", leave);
      client.pause();
      resolve(request);
    };
    const take = (chunk: Buffer): void => {
      hasSpoken = true;
      const reading = reader.read(chunk);
      if (reading.state === "more") return;
      const isAnswered = reading.state === "malformed" && reading.isGreeting;
      if (!isGreeted && !isAnswered && isSocks(reading)) {
        isGreeted = true;
        client.write(methodAccepted);
      }
      if (reading.state !== "greeted") settle(reading);
    };
    const unfinished = (reason: string): void => {
      settle(hasSpoken ? malformed(isGreeted ? "socks5" : "unknown", reason) : { state: "gone" });
    };
    const leave = (): void => unfinished("the connection ended within the request");
    const timer = setTimeout(() => {
      hasSpoken = true;
      unfinished(`no whole request within ${timeoutMs} ms`);
    }, timeoutMs);
    client.on("data", take);
    client.once("end", leave);
    client.once("close", leave);
  });
}

function isSocks(reading: Reading): boolean {
  if (reading.state === "greeted") return true;
  return reading.state !== "more" && reading.protocol === "socks5";
}
