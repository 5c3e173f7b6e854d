import type { LaneFrame } from "../lane-frames.ts";
import { STATUS } from "../status.ts";
import type { LaneCore } from "./lane-core.ts";
import { violation } from "./lane-credit.ts";
import { ServedCall } from "./lane-served-call.ts";
import type { Route } from "./route.ts";

/** The serving half of a lane. */
export interface LaneCallee {
  /** The last call of the other side. */
  last(): number;
  /** Takes what belongs to a call of the other side. Throws a ProtocolError `LANE_VIOLATED`. */
  take(frame: Extract<LaneFrame, { readonly stream: number }>): void;
  /** Ends all calls; their handlers see their signals abort. */
  stop(): void;
}

/** Makes it. `routes` stand at their numbers; `most` of them run at once. */
export function createLaneCallee(
  core: LaneCore,
  routes: readonly (Route | undefined)[],
  most: number,
): LaneCallee {
  const calls = new Map<number, ServedCall>();
  let last = 0;
  let handlers = 0;

  const open = (frame: Extract<LaneFrame, { readonly kind: "open" }>): void => {
    const { stream } = frame;
    if (stream <= last) throw violation(`call ${stream}, which is not the next`);
    if (calls.size >= most) throw violation(`more than ${most} calls at once`);
    last = stream;
    core.spend(frame.message);
    const call = new ServedCall(core, frame, () => calls.delete(stream));
    calls.set(stream, call);
    const route = routes[frame.method];
    if (route === undefined) {
      call.end(STATUS.UNIMPLEMENTED, "no such method");
    } else if (handlers >= most * HANDLERS_PER_CALL) {
      // Rapid reset: a call that was cancelled has left its place before its handler has ended.
      call.end(STATUS.RESOURCE_EXHAUSTED, "too many calls were cancelled");
    } else {
      handlers += 1;
      call.receive(frame);
      void call.serve(route).then(() => (handlers -= 1));
      return;
    }
    call.receive(frame);
  };
  return {
    last: () => last,
    take(frame) {
      if (frame.kind === "open") {
        open(frame);
        return;
      }
      const { stream } = frame;
      if (frame.kind === "end") throw violation("the end of its own call");
      if (stream > last) throw violation("a frame of a call that was never opened");
      const call = calls.get(stream);
      if (call !== undefined) call.take(frame);
      // It had not heard yet that the call has ended.
      else if (frame.kind === "data") core.dropped(frame.message);
    },
    stop() {
      for (const call of calls.values()) call.abort();
      calls.clear();
    },
  };
}

/** Handlers that run at once, by calls that may. */
const HANDLERS_PER_CALL = 2;
