import { type Handshake, handshake } from "@sigilrt/protocol";

/** How host and plugin recognise each other. */
export type HandshakeConfig = Handshake;

/** The names of the kinds of service a plugin may serve. */
export type PluginKindName = "lifecycle" | "channel" | "tool" | "provider";

/** A kind of service. */
export interface PluginKind {
  /** The gRPC service that makes it, such as `plugin.v1.Tool`. */
  readonly service: string;
}

/** What a go-plugin client for one plugin is made from. Frozen. */
export interface ClientConfig {
  /** The handshake it expects. */
  readonly handshake: HandshakeConfig;
  /** The kinds it may dispense. */
  readonly plugins: Readonly<Record<PluginKindName, PluginKind>>;
  /** What may be spoken; `netrpc` never. */
  readonly allowedProtocols: readonly ["grpc"];
  /** The command that starts the plugin. */
  readonly command: { readonly path: string; readonly args: readonly string[] };
}

/** Answers the handshake of Sigil plugins. Frozen. */
export function handshakeConfig(): HandshakeConfig {
  return handshake;
}

/** Answers the four kinds of the kept contract. Frozen. */
export function pluginMap(): Readonly<Record<PluginKindName, PluginKind>> {
  return kinds;
}

/**
 * Describes how `binary` would be started. Pure: a missing file is no error here. Without sandbox arguments (`null` is what
 * `generateArgs` gives other tiers) the binary is the command; with them the first is the command and the binary the last argument.
 */
export function clientConfig(binary: string, sandboxArgs: readonly string[] | null): ClientConfig {
  const [path, ...rest] = sandboxArgs ?? [];
  const command =
    path === undefined
      ? { path: binary, args: Object.freeze([]) }
      : { path, args: Object.freeze([...rest, binary]) };
  return Object.freeze({
    handshake,
    plugins: kinds,
    allowedProtocols: Object.freeze(["grpc"] as const),
    command: Object.freeze(command),
  });
}

const kinds: Readonly<Record<PluginKindName, PluginKind>> = Object.freeze({
  lifecycle: Object.freeze({ service: "plugin.v1.PluginLifecycle" }),
  channel: Object.freeze({ service: "plugin.v1.Channel" }),
  tool: Object.freeze({ service: "plugin.v1.Tool" }),
  provider: Object.freeze({ service: "plugin.v1.Provider" }),
});
