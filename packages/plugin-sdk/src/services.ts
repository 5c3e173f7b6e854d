import { STATUS } from "@sigilrt/protocol";
import {
  GRPCController,
  GRPCStdio,
  Health,
  HealthCheckResponse_ServingStatus as Serving,
  StdioData_Channel as StdioChannel,
} from "@sigilrt/protocol/goplugin";
import {
  createGrpcServer,
  type GrpcBroker,
  type GrpcServer,
  type Route,
  serveGrpcBroker,
  serverMethod,
  streamRoute,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { CallControl, Tool as ToolService } from "@sigilrt/protocol/plugin/v1";
import { channelRoutes } from "./channel-routes.ts";
import { execute } from "./execute.ts";
import { createLaneService } from "./lane-service.ts";
import { lifecycleRoutes } from "./lifecycle-routes.ts";
import type { JsonObject } from "./json.ts";
import { createGate, type Gate, refused } from "./operation.ts";
import { providerRoutes } from "./provider-routes.ts";
import { onceEnded, type ServedPlugin } from "./served-plugin.ts";
import type { Tool } from "./tool.ts";

/** What a plugin serves its host by. */
export interface Services {
  readonly server: GrpcServer;
  readonly broker: GrpcBroker;
}

/** Makes the services of a plugin. */
export function createServices(served: ServedPlugin): Services {
  const { broker, route } = serveGrpcBroker(served.brokered);
  const lane = createLaneService(served);
  const { initialisation, routes } = lifecycleRoutes(served, broker, lane);
  const gate = createGate(served, initialisation);
  const { tools, channel, provider } = served.plugin;
  const kinds = [
    ...(tools === undefined ? [] : toolRoutes(served, tools, gate)),
    ...(channel === undefined ? [] : channelRoutes(served, channel, gate)),
    ...(provider === undefined ? [] : providerRoutes(served, provider, gate)),
    cancelRoute(served),
  ];
  const server = createGrpcServer([
    route,
    ...routes,
    ...kinds,
    ...lane.routes(kinds),
    ...controlRoutes(served),
  ]);
  return { server, broker };
}

function toolRoutes(served: ServedPlugin, offered: readonly Tool[], gate: Gate): readonly Route[] {
  const { log, now } = served;
  const tools = new Map(offered.map((tool) => [tool.name, tool]));
  return [
    unaryRoute(serverMethod(ToolService.method.describe), async () => ({
      tools: offered.map(definitionOf),
    })),
    streamRoute(serverMethod(ToolService.method.execute), async function* (request, route) {
      const tool = tools.get(request.toolName);
      if (tool === undefined) throw refused(STATUS.NOT_FOUND, "no tool has this name");
      const running = gate.enter(request.callId, route);
      try {
        yield* execute({ tool, request, route, running, log, now });
      } finally {
        running.end();
      }
    }),
  ];
}

function definitionOf({ name, description, title, input, output, annotations }: Tool) {
  return {
    name,
    description,
    inputSchema: wireObject(input),
    ...(output === undefined ? {} : { outputSchema: wireObject(output) }),
    ...(title === undefined ? {} : { title }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** The wire's type of an object is not readonly, and nothing here writes to it. */
const wireObject = (json: JsonObject): Record<string, never> => JSON.parse(JSON.stringify(json));

const cancelRoute = ({ calls }: ServedPlugin): Route =>
  unaryRoute(serverMethod(CallControl.method.cancel), async ({ callId }) => ({
    known: calls.cancel(callId),
  }));

function controlRoutes({ lifetime, log, printed }: ServedPlugin): readonly Route[] {
  return [
    unaryRoute(serverMethod(Health.method.check), async ({ service }) => {
      if (service !== "plugin") throw refused(STATUS.NOT_FOUND, "only plugin is known");
      return { status: Serving.SERVING };
    }),
    unaryRoute(serverMethod(GRPCController.method.shutdown), async (_, route) => {
      await lifetime.stop("the host shuts it down", CONTROLLER_GRACE_MS);
      onceEnded(route, () => lifetime.exit());
      return {};
    }),
    streamRoute(serverMethod(GRPCStdio.method.streamStdio), async function* (_, { signal }) {
      for await (const { stream, data } of printed.read(signal)) {
        const droppedBytes = printed.takeDropped();
        if (droppedBytes > 0) log.warn("Printed output was dropped", { bytes: droppedBytes });
        yield { channel: stream === "stdout" ? StdioChannel.STDOUT : StdioChannel.STDERR, data };
      }
    }),
  ];
}

/** A Go host waits 2 s after Shutdown before it kills. */
const CONTROLLER_GRACE_MS = 1500;
