// A plugin that knows the lane, and behaves on it as its first argument says.
import { writeSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { join } from "node:path";
import { encodeLaneFrame, type LaneFrame, ProtocolError } from "@sigilrt/protocol";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@sigilrt/protocol/goplugin";
import {
  createGrpcServer,
  LANE_TERMS,
  openLane,
  serverMethod,
  streamRoute,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { Lane, PluginLifecycle, Tool } from "@sigilrt/protocol/plugin/v1";

const [mode = ""] = process.argv.slice(2);
const descriptor = process.env["SIGIL_LANE_FD"];
const link = descriptor === undefined ? new Socket() : new Socket({ fd: Number(descriptor) });
link.on("error", () => undefined);
const routes = [
  unaryRoute(serverMethod(Tool.method.describe), async () => ({
    tools: [{ name: "echo", description: "Echo" }],
  })),
  streamRoute(serverMethod(Tool.method.execute), async function* (request, { signal }) {
    if (request.arguments.includes("wait")) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    const { status = 0 } = JSON.parse(request.arguments);
    if (status > 0) throw new ProtocolError("CALL_FAILED", "as asked: ü%", { status });
    yield { chunk: { case: "text" as const, value: request.arguments } };
  }),
];
const methods = routes.map(({ path }) => path);

const write = (...frames: readonly (LaneFrame | Uint8Array)[]): void => {
  for (const frame of frames) {
    link.write(frame instanceof Uint8Array ? frame : encodeLaneFrame(frame));
  }
};
const part = { stream: 1, hasMore: false, isLast: false } as const;
const opening = { kind: "open", method: 0, timeoutMs: 0, metadata: {} } as const;
const ok = { kind: "end", stream: 1, status: 0, text: "" } as const;
const kib = new Uint8Array(1024);

/** What it sends when the first call comes. */
const attacks: Readonly<Record<string, readonly (LaneFrame | Uint8Array)[]>> = {
  garbage: [Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3)],
  short: [Uint8Array.of(0, 0, 0, 1, 2)],
  huge: [Uint8Array.of(0, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 1)],
  kind: [Uint8Array.of(0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 0, 1)],
  stranger: [{ ...part, kind: "data", stream: 77, message: kib }],
  "opens-ours": [{ ...opening, ...part, stream: 3, isLast: true, message: kib }],
  "not-rising": [
    { ...opening, ...part, stream: 4, isLast: true },
    { ...opening, ...part, stream: 2, isLast: true },
  ],
  overrun: Array.from({ length: 1100 }, () => ({ ...part, kind: "data", message: kib }) as const),
  fragments: [
    Uint8Array.of(0, 0, 0, 8, 2, 2, 0, 0, 0, 0, 0, 1),
    Uint8Array.of(0, 0, 0, 8, 2, 2, 0, 0, 0, 0, 0, 1),
  ],
  "after-end": [ok, { ...part, kind: "data", message: kib }],
  "two-ends": [ok, ok],
  credit: [
    { kind: "credit", stream: 0, bytes: 0xffff_ffff },
    { kind: "credit", stream: 0, bytes: 0xffff_ffff },
  ],
  pong: [{ kind: "pong", value: 1n }],
  "too-many": Array.from(
    { length: 200 },
    (_, at) => ({ ...opening, ...part, stream: 2 + 2 * at, message: kib }) as const,
  ),
};

function open() {
  const attack = attacks[mode];
  if (mode === "hangs-open") return new Promise<never>(() => undefined);
  if (mode === "hangs-up") {
    link.once("data", () => link.destroy());
  } else if (attack === undefined) {
    openLane(link, { role: "plugin", methods: [], routes, peer: LANE_TERMS });
  } else {
    let heard = 0;
    // The first call asks for the tools; it is answered by nothing but the attack.
    link.on("data", () => {
      heard += 1;
      if (heard === 1) write(...attack);
    });
  }
  const terms = mode === "bad-terms" ? { ...LANE_TERMS, maxFrameBytes: 16 } : LANE_TERMS;
  return { version: mode === "bad-version" ? 9 : 1, methods, ...terms };
}

const server = createGrpcServer([
  unaryRoute(serverMethod(Health.method.check), async () => ({ status: Serving.SERVING })),
  unaryRoute(serverMethod(PluginLifecycle.method.init), async ({ features }) => ({
    ok: true,
    features: mode === "unaware" ? [] : features,
  })),
  ...(mode === "no-open"
    ? []
    : [unaryRoute(serverMethod(Lane.method.open), async () => await open())]),
  ...routes,
]);
const address = join(process.env["PLUGIN_UNIX_SOCKET_DIR"] ?? "", "plugin.sock");
createServer((connection) => server.accept(connection)).listen(address, () => {
  writeSync(1, `1|1|unix|${address}|grpc|\n`);
});
