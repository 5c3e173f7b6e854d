import type { Handshake } from "@sigilrt/protocol";
import { ProcessHostError } from "./process-host-error.ts";
import { quoted } from "./quoted.ts";

/**
 * The variables that this host sets beside those it was given; `PLUGIN_CLIENT_CERT` with AutoMTLS, `PLUGIN_MULTIPLEX_GRPC` where it is asked
 * for, and `SIGIL_LANE_FD` with a runner that shares descriptor 3 alone.
 */
export const DOCUMENTED_VARIABLES: readonly string[] = Object.freeze([
  "PLUGIN_CLIENT_CERT",
  "PLUGIN_MULTIPLEX_GRPC",
  "PLUGIN_PROTOCOL_VERSIONS",
  "PLUGIN_UNIX_SOCKET_DIR",
  "SIGIL_LANE_FD",
  "SIGIL_PLUGIN",
  "TMPDIR",
]);

interface EnvironmentFacts {
  readonly handshake: Handshake;
  readonly versions: readonly number[];
  /** Where the plugin makes its sockets, as it sees the folder. */
  readonly socketDirectory: string;
  /** Its temporary folder, for a runner that gives it none of its own. */
  readonly temporary: string;
  /** The host's certificate as PEM; absent without TLS. */
  readonly clientCertificate?: string | undefined;
  /** Whether its brokered connections are to be streams of the first one. */
  readonly asksMultiplex?: boolean;
  /** Whether descriptor 3 is shared. */
  readonly link?: boolean;
}

/** Answers the whole environment of a plugin: `given`, then the documented variables, which nothing can override. */
export function pluginEnvironment(
  given: Readonly<Record<string, string>>,
  {
    handshake,
    versions,
    socketDirectory,
    temporary,
    clientCertificate,
    asksMultiplex,
    link,
  }: EnvironmentFacts,
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {
    [handshake.magicCookieKey]: handshake.magicCookieValue,
    PLUGIN_PROTOCOL_VERSIONS: versions.join(","),
    PLUGIN_UNIX_SOCKET_DIR: socketDirectory,
    TMPDIR: temporary,
    ...(clientCertificate === undefined ? {} : { PLUGIN_CLIENT_CERT: clientCertificate }),
    ...(asksMultiplex === true ? { PLUGIN_MULTIPLEX_GRPC: "true" } : {}),
    ...(link === true ? { SIGIL_LANE_FD: "3" } : {}),
  };
  for (const [name, value] of Object.entries(given)) {
    // A plugin that is told another socket folder or another cookie would be out of this host's reach.
    if (Object.hasOwn(own, name) || RESERVED.test(name)) refuse(name, "belongs to the host");
    if (name === "" || /[=\0]/u.test(name)) refuse(name, "is no name of a variable");
    if (typeof value !== "string" || value.includes("\0"))
      refuse(name, "has a value that no variable can have");
  }
  return Object.freeze({ ...given, ...own });
}

const RESERVED = /^(?:PLUGIN_|SIGIL_)/u;

function refuse(name: string, why: string): never {
  throw new ProcessHostError(
    "ENVIRONMENT_REFUSED",
    `Cannot set variable ${quoted(name)}: it ${why}`,
    {
      phase: "prepare",
    },
  );
}
