import type { JsonValue } from "@sigilrt/lifecycle";
import { parseHandshake, ProtocolError, STATUS } from "@sigilrt/protocol";
import { HealthCheckResponse_ServingStatus } from "@sigilrt/protocol/goplugin";
import { certificateFault, type GrpcChannel } from "@sigilrt/protocol/node";
import { methods } from "./methods.ts";
import type { StdioChunk } from "./output.ts";
import { ProcessHostError, type ProcessHostErrorCode } from "./process-host-error.ts";
import type { Address } from "./runner.ts";

/** What this host can do beyond the kept contract. */
const OWN_FEATURES = ["tool.chunks/1"];
/** Said only where the plugin can reach what serves it. */
const CALLBACKS = "host.callbacks/1";
const LANE = "lane.framed/1";

/** What is offered to one plugin beside the kept contract. */
interface Offers {
  /** Where the host's callbacks are served on the broker. */
  readonly callbackBrokerId: number | undefined;
  /** Whether it has callbacks, on the broker or on the lane. */
  readonly callbacks: boolean;
  readonly lane: boolean;
}

interface InitFacts {
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What a plugin and this host agreed on. */
export interface AcceptedHandshake {
  readonly version: number;
  readonly address: Address;
  /** The plugin's certificate as DER; present when TLS was asked for. */
  readonly certificate?: Uint8Array;
  /** Whether all goes over one connection. */
  readonly isMultiplexed: boolean;
}

/** Reads the handshake and refuses what this host does not speak. It never goes on without TLS where that was asked for. */
export function acceptedHandshake(
  line: string,
  versions: readonly number[],
  wantsTls: boolean,
  multiplex: "off" | "auto" | "required",
): AcceptedHandshake {
  const refuse = (code: ProcessHostErrorCode, found: string, cause?: unknown): never => {
    throw new ProcessHostError(code, `Cannot use the handshake of the plugin: ${found}`, {
      phase: "handshake",
      cause,
      evidence: { line: JSON.stringify(line.slice(0, 200)), stderrTail: "" },
    });
  };
  try {
    const parsed = parseHandshake(line);
    if (parsed.coreVersion !== 1)
      refuse("CORE_UNSUPPORTED", `its core version is ${parsed.coreVersion}, not 1`);
    if (parsed.protocol !== "grpc")
      refuse("PROTOCOL_UNSUPPORTED", "it does not speak grpc; netrpc is never spoken here");
    if (!versions.includes(parsed.version))
      refuse(
        "VERSION_MISMATCH",
        `its version is ${parsed.version}, offered were ${versions.join(", ")}`,
      );
    if (parsed.network !== "unix") refuse("ADDRESS_REFUSED", "its address is no Unix socket");
    const { version, certificate } = parsed;
    if (multiplex === "required" && parsed.multiplex !== true)
      refuse(
        "MULTIPLEX_UNSUPPORTED",
        'it does not say that the plugin multiplexes; write broker: { multiplex: "auto" } to do without',
      );
    // One that says so without being asked is taken at its first word.
    const isMultiplexed = multiplex !== "off" && parsed.multiplex === true;
    if (!wantsTls && certificate !== undefined)
      refuse("TLS_FAILED", "it wants TLS, which was not asked for");
    if (!wantsTls) return { version, address: parsed, isMultiplexed };
    if (certificate === undefined)
      return refuse(
        "CERTIFICATE_MISSING",
        'it has no certificate, so the plugin serves no AutoMTLS; plain text in its place is refused unless security: { mtls: "off" } is written',
      );
    const fault = certificateFault(certificate);
    if (fault !== undefined) refuse("CERTIFICATE_MALFORMED", `its certificate is none: ${fault}`);
    return { version, address: parsed, certificate, isMultiplexed };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return refuse(
      error.code === "CERTIFICATE_MALFORMED" ? "CERTIFICATE_MALFORMED" : "HANDSHAKE_MALFORMED",
      error.message,
      error,
    );
  }
}

/** Asks the health service, as go-plugin does. */
export async function checkServing(channel: GrpcChannel, signal: AbortSignal): Promise<void> {
  try {
    const { status } = await channel.unary(methods.check, { service: "plugin" }, { signal });
    if (status !== HealthCheckResponse_ServingStatus.SERVING)
      fail("NOT_SERVING", `its health status is ${status}, not 1`);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const missing = error.status === STATUS.UNIMPLEMENTED || error.status === STATUS.NOT_FOUND;
    fail(
      missing ? "HEALTH_MISSING" : "NOT_SERVING",
      missing ? 'it has no health service for "plugin"' : error.message,
      error,
    );
  }
}

/** Hands over the configuration; a plugin without `Init` is served on the kept contract. */
export async function initialise(
  channel: GrpcChannel,
  plan: InitFacts,
  { callbackBrokerId, callbacks, lane }: Offers,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const features = [...OWN_FEATURES, ...(callbacks ? [CALLBACKS] : []), ...(lane ? [LANE] : [])];
  const secrets = Object.keys(plan.secrets).length === 0 ? {} : { secrets: { ...plan.secrets } };
  try {
    const answer = await channel.unary(
      methods.init,
      {
        config: structuredClone({ ...plan.config, ...secrets }),
        host: { name: "sigil", version: "1" },
        features,
        ...(callbackBrokerId === undefined ? {} : { callbackBrokerId }),
      },
      { signal },
    );
    if (!answer.ok) {
      throw new ProcessHostError(
        "INIT_REFUSED",
        `Cannot use the plugin: it refused to begin, ${JSON.stringify(answer.error.slice(0, 200))}`,
        { phase: "init" },
      );
    }
    return new Set(answer.features.filter((feature) => features.includes(feature)));
  } catch (error) {
    if (error instanceof ProtocolError && error.status === STATUS.UNIMPLEMENTED) return new Set();
    throw error;
  }
}

/** Keeps a go-plugin program from blocking on its own prints; a program without the service is fine. */
export async function pumpStdio(
  channel: GrpcChannel,
  take: (chunk: Omit<StdioChunk, "dropped">) => void,
): Promise<void> {
  try {
    for await (const { channel: from, data } of channel.stream(methods.stdio, {})) {
      take({ stream: from === 2 ? "stderr" : "stdout", data });
    }
  } catch {
    // UNIMPLEMENTED and UNAVAILABLE mean that there is nothing to read.
  }
}

function fail(code: "HEALTH_MISSING" | "NOT_SERVING", found: string, cause?: unknown): never {
  throw new ProcessHostError(code, `Cannot use the plugin: ${found}`, { phase: "health", cause });
}
