import { duplexPair } from "node:stream";
import { formatHandshake, handshake, parseHandshake, parseLogLine } from "@sigilrt/protocol";
import {
  clientMethod,
  createGrpcServer,
  openGrpcChannel,
  serverMethod,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { Tool } from "@sigilrt/protocol/plugin/v1";

const line = formatHandshake({
  coreVersion: 1,
  version: handshake.protocolVersion,
  network: "unix",
  address: "/run/plugin.sock",
  protocol: "grpc",
});
console.log(line);
console.log(parseHandshake(line).address);
console.log(parseLogLine("[WARN] nearly full").level);

const [host, plugin] = duplexPair();
const describe = serverMethod(Tool.method.describe);
const server = createGrpcServer([
  unaryRoute(describe, async () => ({ tools: [{ name: "echo", description: "Says it again" }] })),
]);
server.accept(plugin);

const channel = await openGrpcChannel(async () => host);
const { tools } = await channel.unary(clientMethod(Tool.method.describe), {}, { timeoutMs: 1000 });
console.log(tools.map(({ name }) => name));
await channel.close();
await server.close();
