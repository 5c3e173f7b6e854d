import { handshake } from "@sigilrt/protocol";
import { PluginSdkError } from "./plugin-sdk-error.ts";

/** What the host asks of the plugin by environment. */
export interface HostTerms {
  /** The version of the contract that is served. */
  readonly version: number;
  /** The folder of the plugin's socket. */
  readonly socketDirectory: string;
  /** The group that may connect besides the user: an id or a name. */
  readonly socketGroup?: string;
  /** Whether all connections are streams of one; absent when the host does not ask. */
  readonly multiplex?: boolean;
  /** The host's certificate as PEM, when it asks for AutoMTLS. */
  readonly clientCertificate?: string;
  /** Whether descriptor 3 ends with the host. */
  readonly hasLifeline: boolean;
  /** Whether a person started the plugin to debug it: hosts come and go. */
  readonly isDebugged: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Answers whether a host started this process. */
export const isStartedByHost = (environment: Environment): boolean =>
  environment[handshake.magicCookieKey] === handshake.magicCookieValue;

/** Answers whether a person started this process to attach hosts to it. */
export const isDebugged = (environment: Environment): boolean =>
  !isStartedByHost(environment) && environment["SIGIL_PLUGIN_DEBUG"] === "1";

/** Reads the terms of the host; `plugin` is the plugin's name. Throws {@link PluginSdkError}. */
export function hostTerms(environment: Environment, plugin: string): HostTerms {
  const failed = (code: PluginSdkError["code"], found: string): PluginSdkError =>
    new PluginSdkError(code, `Cannot serve plugin ${JSON.stringify(plugin)}: ${found}`);
  const { PLUGIN_UNIX_SOCKET_DIR: directory, TMPDIR: temporary } = environment;
  if (isDebugged(environment)) {
    return Object.freeze({
      version: handshake.protocolVersion,
      socketDirectory: isSet(temporary) ? temporary : "/tmp",
      hasLifeline: false,
      isDebugged: true,
    });
  }
  if (!isStartedByHost(environment)) {
    throw failed(
      "NOT_A_PLUGIN_HOST",
      "this program is a plugin and was not started by a plugin host; start it with one, such as createProcessHost of @sigilrt/process-host, or set SIGIL_PLUGIN_DEBUG=1 and attach a host",
    );
  }
  const offered = offeredVersions(environment["PLUGIN_PROTOCOL_VERSIONS"]);
  if (offered === undefined) {
    throw failed(
      "VERSIONS_MALFORMED",
      `PLUGIN_PROTOCOL_VERSIONS is ${quoted(environment["PLUGIN_PROTOCOL_VERSIONS"])}, not a list of numbers such as 1,2; the host sets it`,
    );
  }
  if (!offered.includes(handshake.protocolVersion)) {
    throw failed(
      "VERSION_UNSUPPORTED",
      `the host offers version ${offered.join(", ")} and this SDK speaks ${handshake.protocolVersion}; in the host set versions: [${handshake.protocolVersion}] (launch of createProcessHost) or VersionedPlugins (plugin.ClientConfig in Go)`,
    );
  }
  const group = environment["PLUGIN_UNIX_SOCKET_GROUP"];
  const certificate = environment["PLUGIN_CLIENT_CERT"];
  const multiplex = environment["PLUGIN_MULTIPLEX_GRPC"];
  return Object.freeze({
    version: handshake.protocolVersion,
    socketDirectory: isSet(directory) ? directory : isSet(temporary) ? temporary : "/tmp",
    ...(isSet(group) ? { socketGroup: group } : {}),
    ...(isSet(certificate) ? { clientCertificate: certificate } : {}),
    // Any value wants an answer in the handshake; these ask for it.
    ...(isSet(multiplex) ? { multiplex: /^(?:1|t|true)$/iu.test(multiplex) } : {}),
    hasLifeline: environment["SIGIL_LANE_FD"] === "3",
    isDebugged: false,
  });
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== "";

const MAX_VERSIONS_CHARACTERS = 1024;

/** Hosts that know one version alone do not set the variable; `undefined` when it is malformed. */
function offeredVersions(text: string | undefined): readonly number[] | undefined {
  if (!isSet(text)) return [handshake.protocolVersion];
  if (text.length > MAX_VERSIONS_CHARACTERS || !/^\d{1,9}(?:,\d{1,9})*$/u.test(text))
    return undefined;
  return text.split(",").map(Number);
}

const quoted = (text = ""): string => JSON.stringify(text.slice(0, 200));
