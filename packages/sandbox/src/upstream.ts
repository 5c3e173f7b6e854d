import { type Socket } from "node:net";
import { type Destination } from "./destination.ts";
import { dial, type Resolver } from "./egress-dial.ts";

/**
 * A proxy of the operator's through which all connections go, where this machine may not connect by itself. Names are
 * resolved there, so their addresses cannot be checked here.
 */
export interface UpstreamProxy {
  /** Its name or address; resolved by this machine. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** Value of `Proxy-Authorization`, such as `Basic …`; plugins never see it. */
  readonly authorization?: string;
}

const maxHeadBytes = 16_384;
const hostText = /^[A-Za-z0-9.:_-]{1,253}$/u;
const fieldText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/u;

/**
 * Answers a frozen copy of the upstream in some options.
 * @throws {TypeError} for what is no host, port or field, and for a resolver beside it, which would never be asked
 */
export function checkRoute({ resolve, upstream }: Route): UpstreamProxy | undefined {
  if (upstream === undefined) return undefined;
  if (resolve !== undefined) {
    throw new TypeError(
      "Cannot use a resolver beside an upstream proxy, which resolves names itself",
    );
  }
  const { host, port, authorization } = upstream;
  if (typeof host !== "string" || !hostText.test(host)) {
    throw new TypeError("Cannot use the upstream proxy: its host is no name and no address");
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new TypeError(`Cannot use the upstream proxy: its port ${port} is none from 1 to 65535`);
  }
  if (authorization === undefined) return Object.freeze({ host, port });
  if (typeof authorization !== "string" || !fieldText.test(authorization)) {
    throw new TypeError("Cannot use the upstream proxy: its authorization is no field value");
  }
  return Object.freeze({ host, port, authorization });
}

interface Route {
  readonly resolve?: Resolver;
  readonly upstream?: UpstreamProxy;
}

/** Opens a tunnel to a destination. @throws {Error} when the upstream does not answer in time, or refuses */
export async function tunnelThrough(
  upstream: UpstreamProxy,
  destination: Destination,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Socket> {
  const socket = await reach(upstream, signal, timeoutMs);
  const authority = authorityOf(destination);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials(upstream)}\r\n`,
  );
  try {
    await established(socket, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Connects to the upstream itself. @throws {Error} when it does not answer in time */
export function reach(
  { host, port }: UpstreamProxy,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Socket> {
  return dial([host], port, signal, timeoutMs);
}

/** The head of a plain request as an upstream takes it. `head` is one that was written here, not the client's. */
export function headForUpstream(
  head: string,
  destination: Destination,
  upstream: UpstreamProxy,
): string {
  const space = head.indexOf(" ") + 1;
  const firstLine = head.indexOf("\r\n") + 2;
  const target = `http://${authorityOf(destination)}${head.slice(space, firstLine)}`;
  return head.slice(0, space) + target + credentials(upstream) + head.slice(firstLine);
}

function authorityOf({ host, port }: Destination): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function credentials({ authorization }: UpstreamProxy): string {
  return authorization === undefined ? "" : `Proxy-Authorization: ${authorization}\r\n`;
}

/** Resolves when the upstream says so; what it sent behind its answer is left to be read. */
function established(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const settle = (fault?: string): void => {
      socket.off("data", take);
      socket.off("close", leave);
      socket.off("end", leave);
      signal.removeEventListener("abort", expire);
      socket.pause();
      if (fault === undefined) resolve();
      else reject(new Error(`Cannot connect: ${fault}`));
    };
    const leave = (): void => settle("the upstream proxy ended the connection");
    const expire = (): void => settle("no answer in time");
    const take = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1 && head.length < maxHeadBytes) return;
      if (end === -1 || !/^HTTP\/1\.[01] 2[0-9]{2}(?: |\r)/u.test(head.toString("latin1", 0, 64))) {
        return settle("the upstream proxy refuses");
      }
      settle();
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
    };
    if (signal.aborted) return expire();
    signal.addEventListener("abort", expire, { once: true });
    socket.on("data", take);
    socket.once("close", leave);
    socket.once("end", leave);
  });
}
