import type { LaneFrame, LaneMetadata } from "../lane-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { callOver } from "./call-failure.ts";
import type { LaneCore } from "./lane-core.ts";
import type { Ending } from "./lane-deadlines.ts";
import type { Inbox, Part } from "./lane-inbox.ts";
import type { Outbox } from "./lane-outbox.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Route, RouteContext } from "./route.ts";

/** One call, on the side that serves it. */
export class ServedCall implements Ending, RouteContext {
  readonly metadata: LaneMetadata;
  readonly timeoutMs?: number;
  /** When its time is over. */
  readonly endsAt: number;
  readonly #core: LaneCore;
  readonly #stream: number;
  readonly #ended: () => void;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #requests: MessageQueue;
  #isOver = false;
  #gone: AbortController | undefined;

  constructor(
    core: LaneCore,
    frame: Extract<LaneFrame, { readonly kind: "open" }>,
    ended: () => void,
  ) {
    const { stream, metadata, timeoutMs } = frame;
    this.#core = core;
    this.#stream = stream;
    this.#ended = ended;
    this.#inbox = core.inbox(stream);
    this.#outbox = core.outbox(stream);
    this.#requests = new MessageQueue((charge) => this.#inbox.read(charge));
    this.metadata = metadata;
    this.endsAt = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    if (timeoutMs > 0) {
      this.timeoutMs = timeoutMs;
      core.deadlines.add(this);
    }
  }

  /** Made when somebody asks for it: most handlers of short calls do not. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      if (this.#isOver) this.#gone.abort(OVER);
    }
    return this.#gone.signal;
  }

  /** Answers all that comes by `route`. Never rejects. */
  async serve(route: Route): Promise<void> {
    try {
      const requests = {
        next: () => this.#requests.next(),
        [Symbol.asyncIterator]: () => requests,
      };
      for await (const message of route.serve(requests, this)) {
        if (this.#isOver) return;
        const sent = this.#outbox.send(message, false);
        if (sent !== undefined) await sent;
      }
      this.end(STATUS.OK, "");
    } catch (error) {
      const known = error instanceof ProtocolError ? error : undefined;
      // The text of an unknown error may hold anything; only what was meant for the wire goes there.
      this.end(known?.status ?? STATUS.UNKNOWN, known?.message ?? "the handler failed");
    }
  }

  /** Takes a frame of the caller. Throws a ProtocolError `LANE_VIOLATED`. */
  take(
    frame: Exclude<Extract<LaneFrame, { readonly stream: number }>, { readonly kind: "open" }>,
  ): void {
    switch (frame.kind) {
      case "data":
        this.#core.spend(frame.message);
        this.receive(frame);
        return;
      case "credit":
        this.#outbox.grant(frame.bytes);
        return;
      case "cancel":
        this.end(frame.status === STATUS.OK ? STATUS.CANCELLED : frame.status, "");
        return;
      case "end":
        return;
      default:
        frame satisfies never;
    }
  }

  /** Takes a message, or a part. Throws a ProtocolError `LANE_VIOLATED`. */
  receive(part: Part): void {
    try {
      const whole = this.#inbox.take(part);
      if (whole !== undefined) this.#requests.push(whole.message, whole.charge);
      if (part.isLast) this.#requests.end();
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code === "LANE_VIOLATED") throw error;
      this.end(STATUS.RESOURCE_EXHAUSTED, error.message);
    }
  }

  /** Ends it with a status, once. */
  end(status: number, text: string): void {
    if (this.#isOver) return;
    this.#leave();
    this.#core.send({ kind: "end", stream: this.#stream, status, text });
    this.#ended();
    const gone = this.#gone;
    if (gone === undefined) return;
    // Who waits for the end of a call may end the process then, so its answer is out before.
    if (status === STATUS.OK) this.#core.onceOut(() => gone.abort(OVER));
    else gone.abort(OVER);
  }

  /** Ends it; there is nobody to tell. */
  abort(): void {
    this.#leave();
    this.#gone?.abort(OVER);
  }

  expire(): void {
    this.end(STATUS.DEADLINE_EXCEEDED, "");
  }

  #leave(): void {
    this.#isOver = true;
    this.#core.deadlines.remove(this);
    this.#outbox.stop();
    this.#inbox.stop();
    this.#requests.fail(callOver);
  }
}

/** One for all: to make an error for each call would cost more than the call. */
const OVER = new DOMException("the call is over", "AbortError");
