import { GuestStop } from "./failure.ts";
import { createInsecureStream } from "./insecure-stream.ts";
import { nothing, refusal } from "./resources.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { createVirtualHttp } from "./virtual-http.ts";
import { createVirtualStreams } from "./virtual-streams.ts";

/** What virtual WASI is made with. */
export interface VirtualWasiOptions {
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The plugin's digest; what is not to be secret comes from it. */
  readonly digest: string;
  /** Asks the host; an error of the world is thrown with a `payload`. */
  readonly ask: (name: string, args: readonly unknown[]) => unknown;
  /** Takes a line of a standard stream. */
  readonly line: (level: "info" | "error", text: string) => void;
  /** Charges a call with what the guest sends. */
  readonly charge: (args: readonly unknown[]) => void;
}

/** WASI 0.2 without a machine behind it. */
export interface VirtualWasi {
  /** By interface name without version, as the glue asks for them. */
  readonly interfaces: Readonly<Record<string, object>>;
  /** Begins a call: its clock stands at the call's start. */
  begin(): void;
  /** Ends a call: lines without an end are told. @throws {@link GuestStop} that the guest swallowed */
  end(): void;
}

/** Random bytes that one question asks for. */
const RANDOM_BYTES = 65_536;

/** Makes WASI 0.2 of which nothing leads out: what the world offers is asked for, everything else is empty or refused. */
export function createVirtualWasi(options: VirtualWasiOptions): VirtualWasi {
  const { environment, digest, ask } = options;
  let stopped: GuestStop | undefined;
  const stop = (code: "DENIED" | "CALL_TRAPPED", text: string): never => {
    // Kept, because a handler of the guest may swallow it.
    stopped ??= new GuestStop({ code, phase: "call", text, trap: trapOf(code) });
    throw stopped;
  };
  const clock = createVirtualClock(ask);
  const streams = createVirtualStreams(options.line);
  const insecure = createInsecureStream(digest);
  const random = (length: number): Uint8Array => {
    let bytes: unknown;
    try {
      bytes = ask("random.bytes", [length]);
    } catch (error) {
      if (error instanceof GuestStop) throw error;
    }
    // Predictable bytes would be taken for keys.
    return bytes instanceof Uint8Array ? bytes : stop("DENIED", "random.read was not granted");
  };
  const leave = (): never => stop("CALL_TRAPPED", "it left by exit");
  const functions: Readonly<Record<string, object>> = {
    "cli/environment": {
      getEnvironment: () => Object.entries(environment),
      getArguments: () => [],
      initialCwd: () => undefined,
    },
    "cli/exit": { exit: leave, exitWithCode: leave },
    ...streams.interfaces,
    ...clock.interfaces,
    "filesystem/preopens": { getDirectories: () => [] },
    "filesystem/types": {
      Descriptor: nothing(),
      DirectoryEntryStream: nothing(),
      filesystemErrorCode: () => undefined,
    },
    "random/random": {
      getRandomBytes: (length: bigint) =>
        length > RANDOM_BYTES
          ? stop("DENIED", "more random bytes at once than the world gives")
          : random(Number(length)),
      getRandomU64: () => new DataView(random(8).slice().buffer).getBigUint64(0),
    },
    "random/insecure": {
      getInsecureRandomBytes: (length: bigint) =>
        length > RANDOM_BYTES
          ? stop("DENIED", "more random bytes at once than the world gives")
          : insecure.bytes(Number(length)),
      getInsecureRandomU64: () => insecure.next(),
    },
    "random/insecure-seed": { insecureSeed: () => [insecure.next(), insecure.next()] },
    "sockets/instance-network": { instanceNetwork: () => new Network() },
    "sockets/network": { Network },
    "sockets/ip-name-lookup": {
      ResolveAddressStream: nothing(),
      resolveAddresses: refuse,
    },
    "sockets/tcp": { TcpSocket: nothing() },
    "sockets/tcp-create-socket": { createTcpSocket: refuse },
    "sockets/udp": {
      UdpSocket: nothing(),
      IncomingDatagramStream: nothing(),
      OutgoingDatagramStream: nothing(),
    },
    "sockets/udp-create-socket": { createUdpSocket: refuse },
    ...createVirtualHttp(streams.discard),
  };
  return {
    interfaces: Object.fromEntries(
      Object.entries(functions).map(([name, entries]) => [
        `wasi:${name}`,
        charged(entries, options.charge),
      ]),
    ),
    begin() {
      stopped = undefined;
      clock.begin();
    },
    end() {
      streams.end();
      if (stopped !== undefined) throw stopped;
    },
  };
}

/** The network of which no address can be reached. */
const Network = nothing();

const refuse = (): never => {
  throw refusal("access-denied");
};

const trapOf = (code: "DENIED" | "CALL_TRAPPED"): "other" | undefined =>
  code === "DENIED" ? undefined : "other";

/** Every function and every method is a call of the host, and pays like one. */
function charged(
  entries: object,
  charge: (args: readonly unknown[]) => void,
): Readonly<Record<string, unknown>> {
  const bare: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(entries)) {
    if (typeof value !== "function") continue;
    const methods: unknown = value.prototype;
    if (typeof methods === "object" && methods !== null && /^[A-Z]/u.test(name)) {
      chargeMethods(methods, charge);
      bare[name] = value;
    } else {
      bare[name] = chargedCall(value, charge);
    }
  }
  return Object.freeze(bare);
}

function chargeMethods(methods: object, charge: (args: readonly unknown[]) => void): void {
  for (const name of Object.getOwnPropertyNames(methods)) {
    const method: unknown = Reflect.get(methods, name);
    if (name === "constructor" || typeof method !== "function") continue;
    Reflect.set(methods, name, chargedCall(method, charge));
  }
}

function chargedCall(
  // oxlint-disable-next-line typescript/no-unsafe-function-type -- called by Reflect.apply alone, its result is unknown
  called: Function,
  charge: (args: readonly unknown[]) => void,
): (...args: unknown[]) => unknown {
  return function call(this: unknown, ...args) {
    charge(args);
    return Reflect.apply(called, this, args);
  };
}
