// A plugin program that behaves as its first argument says.
import { spawn } from "node:child_process";
import { chmodSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import {
  type ExecuteRequest,
  PluginLifecycle,
  Channel,
  Provider,
  Tool,
  HealthStatus,
} from "@sigilrt/protocol/plugin/v1";
import {
  GRPCBroker,
  GRPCController,
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from "@sigilrt/protocol/goplugin";
import {
  bidirectionalRoute,
  createGrpcServer,
  createMuxSession,
  createMutualTlsServer,
  createOneTimeCertificate,
  type Route,
  type RouteContext,
  serverMethod,
  streamRoute,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import { callsOf, greeting, headerBomb, settingsTaken, watched } from "./hostile-frames.ts";

const [mode = "echo", detail = ""] = process.argv.slice(2);
const folder = process.env["PLUGIN_UNIX_SOCKET_DIR"] ?? "";
const socket = join(folder, "plugin.sock");

const tools = [
  "echo",
  "environment",
  "slow",
  "crash",
  "flood",
  "binary",
  "twice",
  "fails",
  "config",
  "hangup",
  "misbehave",
  "late",
].map((name) => ({ name, description: `Tool ${name}` }));
let config: unknown = {};
let hangUp = (): void => undefined;
/** Writes below all streams. */
let misbehave = (): void => undefined;

async function* execute(request: ExecuteRequest, { signal }: RouteContext) {
  const given = JSON.parse(request.arguments);
  const structured = (value: unknown) => ({
    chunk: { case: "structured" as const, value: valueOf(value) },
  });
  switch (request.toolName) {
    case "echo":
      yield structured(given);
      break;
    case "environment":
      yield structured({ ...process.env });
      break;
    case "config":
      yield structured(config);
      break;
    case "slow":
      for (let completed = 1; completed <= (given.notes ?? 0); completed += 1) {
        yield { chunk: { case: "progress" as const, value: { completed } } };
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return;
    case "crash":
      process.stderr.write("[ERROR] about to crash\n", () => process.exit(7));
      await new Promise(() => undefined);
      return;
    case "flood":
      for (let sent = 0; sent < given.bytes; sent += 8192) {
        yield { chunk: { case: "text" as const, value: "x".repeat(8192) } };
      }
      break;
    case "binary":
      yield {
        chunk: {
          case: "binary" as const,
          value: {
            partId: "a",
            mimeType: "image/png",
            name: "i.png",
            data: Uint8Array.of(1),
            last: false,
          },
        },
      };
      yield {
        chunk: {
          case: "binary" as const,
          value: { partId: "a", data: Uint8Array.of(2), last: true },
        },
      };
      break;
    case "twice":
      yield structured(1);
      yield structured(2);
      break;
    case "late":
      yield { chunk: { case: "done" as const, value: true } };
      yield { chunk: { case: "text" as const, value: "after the end" } };
      break;
    case "hidden":
      break;
    case "hangup":
      hangUp();
      return;
    case "misbehave":
      misbehave();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return;
    case "fails":
      yield { chunk: { case: "error" as const, value: "no such city" } };
      return;
    default:
      throw new ProtocolError("CALL_FAILED", "no such tool", { status: STATUS.NOT_FOUND });
  }
  yield { chunk: { case: "done" as const, value: true } };
}

function valueOf(value: unknown): { kind: never } {
  const kind = (): unknown => {
    if (value === null) return { case: "nullValue", value: 0 };
    if (typeof value === "string") return { case: "stringValue", value };
    if (typeof value === "number") return { case: "numberValue", value };
    if (typeof value === "boolean") return { case: "boolValue", value };
    if (Array.isArray(value)) return { case: "listValue", value: { values: value.map(valueOf) } };
    const fields = Object.fromEntries(
      Object.entries(value as object).map(([name, item]) => [name, valueOf(item)]),
    );
    return { case: "structValue", value: { fields } };
  };
  return { kind: kind() as never };
}

const leave = (): void => {
  if (mode !== "stubborn") setImmediate(() => process.exit(0));
};

const base: readonly Route[] = [
  unaryRoute(serverMethod(Health.method.check), async () => ({
    status: mode === "unwell" ? Serving.NOT_SERVING : Serving.SERVING,
  })),
  unaryRoute(serverMethod(GRPCController.method.shutdown), async () => {
    leave();
    return {};
  }),
  unaryRoute(serverMethod(PluginLifecycle.method.init), async (request) => {
    config = request.config ?? {};
    return mode === "unwilling"
      ? { ok: false, error: "no \u001b[2J thanks" }
      : { ok: true, features: ["tool.chunks/1", "later/9"] };
  }),
  unaryRoute(serverMethod(PluginLifecycle.method.health), async () => ({
    status: HealthStatus.DEGRADED,
    message: "tired",
  })),
  unaryRoute(serverMethod(PluginLifecycle.method.shutdown), async () => {
    leave();
    return { clean: true };
  }),
];

/** Asks the callbacks of its host 128 times at once, and when it is told to, without end; it reads no answer. */
const floodRoutes: readonly Route[] = [
  bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* (told, route) {
    yield* [];
    for await (const { address } of told) {
      const connection = connect(address).on("error", () => undefined);
      const path = "/plugin.v1.HostCallbacks/KvGet";
      connection.write(greeting);
      // Before it has taken the settings of the host, a hundred calls are the most.
      connection.once("data", () => {
        connection.pause().write(Buffer.concat([settingsTaken, callsOf(path, 0, 128)]));
      });
      misbehave = () => connection.write(callsOf(path, 128, 20_000));
      route.signal.addEventListener("abort", () => connection.destroy(), { once: true });
    }
  }),
];

/** Tells of a socket behind id 1, which lies where its argument says, and nothing more. */
const brokerRoutes: readonly Route[] = [
  bidirectionalRoute(serverMethod(GRPCBroker.method.startStream), async function* (_, { signal }) {
    const [network = "", address = ""] = detail.replaceAll("FOLDER", folder).split(" ");
    yield { serviceId: 1, network, address };
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }),
];

const toolRoutes: readonly Route[] = [
  unaryRoute(serverMethod(Tool.method.describe), async () => ({
    tools: mode === "clones" ? [...tools, ...tools] : tools,
  })),
  streamRoute(serverMethod(Tool.method.execute), execute),
];

const channelRoutes: readonly Route[] = [
  streamRoute(serverMethod(Channel.method.start), async function* () {
    yield {
      messageId: "m1",
      channelId: "c",
      content: "hello",
      timestamp: { seconds: 2n, nanos: 5_000_000 },
      media: [{ url: "u", sizeBytes: 9n }],
    };
  }),
  unaryRoute(serverMethod(Channel.method.send), async ({ content }) =>
    content === "refuse"
      ? { ok: false, error: "not allowed" }
      : { ok: true, platformMessageId: `sent ${content}` },
  ),
  unaryRoute(serverMethod(Channel.method.updatePresence), async () => ({ ok: true })),
  unaryRoute(serverMethod(Channel.method.getIdentity), async ({ platformUserId }) => ({
    platformUserId,
    displayName: "Ada",
  })),
];

const providerRoutes: readonly Route[] = [
  unaryRoute(serverMethod(Provider.method.listModels), async () => ({
    models: [{ id: "m", name: "Model", provider: "p" }],
  })),
  unaryRoute(serverMethod(Provider.method.status), async () => ({
    available: true,
    provider: "p",
    failureCount: 2n,
  })),
  streamRoute(serverMethod(Provider.method.chat), async function* ({ messages }) {
    yield { event: { case: "textDelta" as const, value: { text: messages[0]?.content ?? "" } } };
    yield {
      event: { case: "toolCall" as const, value: { id: "t", name: "n", arguments: '{"a":1}' } },
    };
    yield { event: { case: "done" as const, value: true } };
  }),
];

const served =
  mode === "channel" ? channelRoutes : mode === "provider" ? providerRoutes : toolRoutes;
const greet = (line: string): void => {
  writeSync(1, `${line}\n`);
};

/** The host's certificate, when it asks for AutoMTLS. */
const hostCertificate = process.env["PLUGIN_CLIENT_CERT"];

function serve(): void {
  const server = createGrpcServer([
    ...(mode === "deaf" ? [] : base),
    ...(mode === "broker" ? brokerRoutes : []),
    ...(mode === "asks-without-end" ? floodRoutes : []),
    ...served,
  ]);
  const own = createOneTimeCertificate();
  const accept = (connection: Duplex): void => server.accept(connection);
  const peer = new Uint8Array(hostCertificate ? new X509Certificate(hostCertificate).raw : []);
  const enter = hostCertificate ? createMutualTlsServer({ own, peer }, accept).accept : accept;
  const listener = createServer((connection) => {
    hangUp = () => connection.destroy();
    misbehave = () => connection.write(Buffer.from(detail, "hex"));
    // One that prints a certificate and serves none, or prints that of somebody else.
    const take = mode === "plain" ? accept : enter;
    connection.on("error", () => undefined);
    if (mode === "mux") createMuxSession(connection, { side: "plugin", accept: take });
    else if (mode === "bomb") {
      const { inner, lastCall } = watched(connection);
      misbehave = () => connection.write(headerBomb(detail, lastCall()));
      accept(inner);
    } else take(connection);
  });
  const shown = mode === "other" ? createOneTimeCertificate() : own;
  const field = hostCertificate ? Buffer.from(shown.certificate).toString("base64") : "";
  listener.listen(socket, () => {
    chmodSync(socket, 0o600);
    const seventh = mode.startsWith("mux") ? "|true" : "";
    greet(`1|1|unix|${socket}|grpc|${field.replaceAll("=", "")}${seventh}`);
  });
}

process.on("SIGINT", () => undefined);
switch (mode) {
  case "line":
    greet(detail.replaceAll("SOCKET", socket));
    setInterval(() => undefined, 1000);
    break;
  case "silent":
    setInterval(() => undefined, 1000);
    break;
  case "gone":
    process.stderr.write("[ERROR] cannot find my key s3cr3t-value\n");
    process.exitCode = 3;
    break;
  case "endless":
    setInterval(() => writeSync(1, "x".repeat(8192)), 1);
    break;
  case "chatter":
    for (let line = 0; line < 40; line += 1) greet(`line ${line}`);
    setInterval(() => undefined, 1000);
    break;
  case "link": {
    const server = createGrpcServer([...base, ...served]);
    const real = join(folder, "real.sock");
    createServer((connection) => server.accept(connection)).listen(real, () => {
      symlinkSync(real, socket);
      greet(`1|1|unix|${socket}|grpc|`);
    });
    break;
  }
  case "babble":
    createServer((connection) => {
      connection.on("error", () => undefined);
      connection.write(Buffer.alloc(4096, 0xff));
    }).listen(socket, () => greet(`1|1|unix|${socket}|grpc|`));
    break;
  case "broker":
    symlinkSync("/run", join(folder, "run"));
    symlinkSync(socket, join(folder, "link.sock"));
    writeFileSync(join(folder, "file"), "");
    serve();
    break;
  case "stray":
    greet("loading");
    greet("still loading");
    serve();
    break;
  case "stubborn":
    process.on("SIGTERM", () => undefined);
    spawn(process.execPath, ["-e", "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)"], {
      stdio: "inherit",
    });
    serve();
    break;
  case "logs":
    for (const value of [1, null, true, [1], { a: { b: 1 } }, "text"]) {
      for (const key of [
        "@message",
        "@level",
        "@timestamp",
        "@module",
        "@caller",
        "__proto__",
        "other",
      ]) {
        process.stderr.write(
          `{"@message":"m","@level":"info",${JSON.stringify(key)}:${JSON.stringify(value)}}\n`,
        );
      }
    }
    process.stderr.write(Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x0a]));
    process.stderr.write(`${"y".repeat(100_000)}\n`);
    for (let line = 0; line < 3000; line += 1) process.stderr.write(`flood ${line}\n`);
    process.stderr.write("the last line", () => serve());
    break;
  case "prints":
    serve();
    setTimeout(() => process.stdout.write("printed later"), 100);
    break;
  default:
    serve();
}
