import type { Duplex } from "node:stream";
import { formatHandshake } from "@sigilrt/protocol";
import { brokeredConnections } from "./brokered-connections.ts";
import { capturedOutput } from "./captured-output.ts";
import { type HostTerms, hostTerms } from "./host-terms.ts";
import { watchHost } from "./lifeline.ts";
import { createLifetime } from "./lifetime.ts";
import { createLog } from "./log.ts";
import { checkPlugin, type PluginOptions } from "./plugin-options.ts";
import { PluginSdkError } from "./plugin-sdk-error.ts";
import { oneConnection } from "./one-connection.ts";
import type { SecureConnections } from "./secure-connections.ts";
import type { Services } from "./services.ts";
import { listenOnSocket } from "./plugin-socket.ts";
import { createRunningCalls } from "./running-calls.ts";

// Not an import: that would load the streams and promises of files as well, which is most of a start.
const { writeSync } = process.getBuiltinModule("node:fs");

/** What a plugin has to end what it holds when nobody is there to say how long it may take, in milliseconds. */
const GRACE_MS = 1500;

/**
 * Serves a plugin to the host that started this process. It is called once. Resolves when the plugin has stopped; the process then ends
 * with code 0.
 *
 * @throws TypeError when something in `plugin` is not what it must be, or a plugin is served already
 * @throws {@link PluginSdkError} `NOT_A_PLUGIN_HOST`, `CERTIFICATE_MALFORMED`, `VERSIONS_MALFORMED`, `VERSION_UNSUPPORTED`,
 * `LISTEN_FAILED`; uncaught it explains itself on the error stream and ends the process with code 1
 */
export async function serve(plugin: PluginOptions): Promise<void> {
  checkPlugin(plugin);
  const terms = hostTerms(process.env, plugin.name);
  if (isServing) throw new TypeError("Cannot serve a second plugin: one process serves one");
  isServing = true;

  const { printed, log: sink } = capturedOutput();
  const log = createLog(plugin.name, sink, () => new Date());
  const calls = createRunningCalls();
  const secure = await secured(terms);
  const { server, address } = await listenOnSocket(terms);
  let services: Services | undefined;
  const release = (): void => {
    server.close();
    void services?.broker.close();
  };
  const lifetime = createLifetime({ plugin, calls, log, printed, release });
  const grpc = Promise.withResolvers<Services>();
  const accept = (connection: Duplex): void => {
    connection.on("error", () => undefined);
    grpc.promise.then(
      (ready) => ready.server.accept(connection),
      () => connection.destroy(),
    );
  };
  const enter = secure ? secure.guard(accept) : accept;
  const one = terms.multiplex === true ? oneConnection(enter) : undefined;
  const take = one === undefined ? enter : (stream: Duplex) => one.take(stream);
  server.on("connection", (connection) => take(connection.on("error", () => undefined)));
  // All that follows stands before the handshake: a host that has read it may end the plugin, or be gone, at once.
  const stopAndExit = async (why: string): Promise<void> => {
    await lifetime.stop(why, GRACE_MS);
    lifetime.exit();
  };
  const { isDebugged } = terms;
  const hostGone = (): void => void stopAndExit("the host is gone");
  const link = isDebugged ? undefined : watchHost(terms.hasLifeline, log, hostGone);
  process.on("SIGTERM", () => void stopAndExit("SIGTERM"));
  // A terminal sends it to the whole group; the host decides when its plugins end.
  process.on("SIGINT", () => (isDebugged ? void stopAndExit("SIGINT") : undefined));
  try {
    if (isDebugged) await greetPerson(plugin.name, terms, address);
    else greet(terms, address, secure?.certificate);
  } catch (error) {
    server.close();
    throw error;
  }
  const making = one?.brokered(secure?.tls) ?? brokeredConnections(terms, secure?.tls);
  // Loading the services takes longer than all the rest of a start, so the host connects meanwhile.
  grpc.resolve(
    Promise.all([import("./services.ts"), making]).then(([{ createServices }, brokered]) =>
      createServices({ plugin, calls, lifetime, log, printed, link, isDebugged, brokered }),
    ),
  );
  services = await Promise.race([grpc.promise, lifetime.ended.then(() => undefined)]);
  await lifetime.ended;
}

let isServing = false;

/** Tells a person where a host may attach. */
async function greetPerson(name: string, { version }: HostTerms, address: string): Promise<void> {
  const { reattachLine } = await import("./reattach-line.ts");
  writeSync(1, `${reattachLine(name, version, address)}\n`);
}

/** Loaded when a host asks for AutoMTLS, and then before the handshake, which carries the certificate. */
async function secured({ clientCertificate }: HostTerms): Promise<SecureConnections | undefined> {
  if (clientCertificate === undefined) return undefined;
  const { secureConnections } = await import("./secure-connections.ts");
  return secureConnections(clientCertificate);
}

/** Tells the host where to connect. */
function greet(
  { version, multiplex }: HostTerms,
  address: string,
  certificate: Uint8Array | undefined,
): void {
  try {
    const line = formatHandshake({
      coreVersion: 1,
      version,
      network: "unix",
      address,
      protocol: "grpc",
      ...(certificate === undefined ? {} : { certificate }),
      ...(multiplex === undefined ? {} : { multiplex }),
    });
    writeSync(1, `${line}\n`);
  } catch (error) {
    throw new PluginSdkError(
      "LISTEN_FAILED",
      `Cannot tell the host the address of the plugin: ${error instanceof Error ? error.message : "unknown reason"}`,
      { cause: error },
    );
  }
}
