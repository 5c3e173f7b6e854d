import { X509Certificate } from "node:crypto";
import { chmodSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { formatHandshake, handshake } from "@sigilrt/protocol";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@sigilrt/protocol/goplugin";
import {
  createGrpcServer,
  createMutualTlsServer,
  createOneTimeCertificate,
  serverMethod,
  streamRoute,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { PluginLifecycle, Tool } from "@sigilrt/protocol/plugin/v1";

const server = createGrpcServer([
  unaryRoute(serverMethod(Health.method.check), async () => ({ status: Serving.SERVING })),
  unaryRoute(serverMethod(PluginLifecycle.method.shutdown), async () => {
    setImmediate(() => process.exit(0));
    return { clean: true };
  }),
  unaryRoute(serverMethod(Tool.method.describe), async () => ({
    tools: [{ name: "weather", description: "Tells the weather of a city" }],
  })),
  streamRoute(serverMethod(Tool.method.execute), async function* (request) {
    const { city } = JSON.parse(request.arguments);
    yield { chunk: { case: "text" as const, value: `Sunny in ${city}` } };
    yield { chunk: { case: "done" as const, value: true } };
  }),
]);

// AutoMTLS: each side shows a certificate of this start alone, and the host knows ours by the handshake.
const own = createOneTimeCertificate();
const { raw: peer } = new X509Certificate(process.env["PLUGIN_CLIENT_CERT"] ?? "");
const tls = createMutualTlsServer({ own, peer }, (connection) => server.accept(connection));

const address = join(process.env["PLUGIN_UNIX_SOCKET_DIR"] ?? ".", "weather.sock");
const { protocolVersion: version } = handshake;
createServer((connection) => tls.accept(connection)).listen(address, () => {
  chmodSync(address, 0o600);
  const where = { network: "unix", address, protocol: "grpc" } as const;
  const line = formatHandshake({ coreVersion: 1, version, ...where, certificate: own.certificate });
  writeSync(1, `${line}\n`);
});
