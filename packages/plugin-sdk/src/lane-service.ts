import { ProtocolError, STATUS } from "@sigilrt/protocol";
import {
  isUsableTerms,
  type Lane,
  LANE_TERMS,
  LANE_VERSION,
  openLane,
  type Route,
  serverMethod,
  unaryRoute,
} from "@sigilrt/protocol/node";
import {
  HostCallbacks,
  Lane as LaneContract,
  type OpenLaneRequest,
} from "@sigilrt/protocol/plugin/v1";
import type { HostCalls } from "./host-client.ts";
import { refused } from "./operation.ts";
import type { ServedPlugin } from "./served-plugin.ts";

/** The name of the lane among the features. */
export const LANE_FEATURE = "lane.framed/1";

/** The native lane of a plugin, which its host may open once. */
export interface LaneService {
  /** Whether the host shares what a lane is opened on. */
  readonly isPossible: boolean;
  /** Answers the route by which the host opens it; it then carries `carried`. */
  routes(carried: readonly Route[]): readonly Route[];
  /** Answers how the host is asked: over the lane once that is open, and until then over `before`. */
  callbacks(before: HostCalls | undefined): HostCalls;
}

/** Makes it. */
export function createLaneService({ link }: Pick<ServedPlugin, "link">): LaneService {
  let lane: Lane | undefined;

  const open = (request: OpenLaneRequest, routes: readonly Route[]) => {
    const { versions, maxFrameBytes, streamCreditBytes, laneCreditBytes } = request;
    const peer = { maxFrameBytes, streamCreditBytes, laneCreditBytes };
    if (link === undefined) throw refused(STATUS.UNIMPLEMENTED, "the host shares no descriptor 3");
    if (lane !== undefined) throw refused(STATUS.FAILED_PRECONDITION, "the lane is open already");
    if (!versions.includes(LANE_VERSION) || !isUsableTerms(peer)) {
      throw refused(STATUS.UNIMPLEMENTED, "the host offers no lane that this SDK can run on");
    }
    lane = openLane(link, { role: "plugin", methods: CALLBACK_PATHS, routes, peer });
    return { version: LANE_VERSION, methods: routes.map(({ path }) => path), ...LANE_TERMS };
  };
  return {
    isPossible: link !== undefined,
    routes: (carried) =>
      link === undefined
        ? []
        : [
            unaryRoute(serverMethod(LaneContract.method.open), async (request) =>
              open(request, carried),
            ),
          ],
    callbacks(before) {
      const current = (): HostCalls => {
        const calls = lane ?? before;
        if (calls !== undefined) return calls;
        throw new ProtocolError("CALL_FAILED", "it answers once init has ended", {
          status: STATUS.UNAVAILABLE,
        });
      };
      return {
        unary: async (method, message, options) => await current().unary(method, message, options),
        stream: (method, message, options) => current().stream(method, message, options),
      };
    },
  };
}

/** Callbacks are numbered as they stand in the contract. */
const CALLBACK_PATHS = HostCallbacks.methods.map(
  ({ name }) => `/${HostCallbacks.typeName}/${name}`,
);
