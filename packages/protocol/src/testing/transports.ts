import type { Duplex } from "node:stream";
import {
  createGrpcServer,
  type GrpcChannel,
  type GrpcOptions,
  LANE_TERMS,
  openGrpcChannel,
  openLane,
  type Route,
} from "../node/index.ts";
import { socketPair } from "./socket-folder.ts";

/** Two ends of a connection, of which the far one serves. */
export interface Connected extends AsyncDisposable {
  readonly channel: GrpcChannel;
  readonly near: Duplex;
}

/** A way that calls travel. */
export interface Transport {
  readonly name: "gRPC" | "lane";
  connected(
    routes: readonly Route[],
    options?: GrpcOptions,
    serverOptions?: GrpcOptions,
  ): Promise<Connected>;
}

/** Every way; what holds for calls holds on each. */
export const transports: readonly Transport[] = [
  {
    name: "gRPC",
    async connected(routes, options = {}, serverOptions = {}) {
      const [near, far] = await socketPair();
      const server = createGrpcServer(routes, serverOptions);
      server.accept(far);
      const channel = await openGrpcChannel(async () => near, options);
      const close = async (): Promise<void> => {
        await channel.close();
        await server.close();
      };
      return { channel, near, [Symbol.asyncDispose]: close };
    },
  },
  {
    name: "lane",
    async connected(routes, options = {}, serverOptions = {}) {
      const [near, far] = await socketPair();
      // One path that nobody serves, so that asking for it is possible.
      const methods = [...routes.map(({ path }) => path), "/test.Echo/None"];
      const terms = { peer: LANE_TERMS };
      const server = openLane(far, {
        role: "plugin",
        methods: [],
        routes,
        ...terms,
        ...serverOptions,
      });
      const channel = openLane(near, { role: "host", methods, routes: [], ...terms, ...options });
      const close = async (): Promise<void> => {
        await channel.close();
        await server.close();
      };
      return { channel, near, [Symbol.asyncDispose]: close };
    },
  },
];
