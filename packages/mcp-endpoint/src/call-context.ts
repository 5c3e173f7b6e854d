import type { CallOptions } from "@sigilrt/manager";

/** What a call needs to know of the request that it answers. */
export interface RequestContext {
  readonly signal: AbortSignal;
  readonly _meta?:
    | { readonly progressToken?: string | number | undefined; readonly [key: string]: unknown }
    | undefined;
  notify(notification: {
    readonly method: "notifications/progress";
    readonly params: {
      readonly progressToken: string | number;
      readonly progress: number;
      readonly total?: number;
      readonly message?: string;
    };
  }): Promise<void>;
  /** Tells the client a line of log, if it is to hear such. */
  log(level: Level, data: unknown, logger?: string): Promise<void>;
}

type Level = Parameters<NonNullable<CallOptions["onLog"]>>[0]["level"];

/** Passes cancelling on, log lines back, and progress when the client asked for it; a client that reads slowly slows the tool. */
export function callOptions(context: RequestContext, flushed: () => Promise<void>): CallOptions {
  const { signal, _meta: meta } = context;
  const progressToken = meta?.progressToken;
  const onLog: CallOptions["onLog"] = async ({ level, logger, data }) => {
    await context.log(level, data, logger).catch(() => undefined);
    await flushed();
  };
  if (progressToken === undefined) return { signal, onLog };
  return {
    signal,
    onLog,
    async onProgress({ completed, total, message }) {
      // A plugin may count in numbers that JSON does not have.
      if (!Number.isFinite(completed)) return;
      const params = {
        progressToken,
        progress: completed,
        ...(total !== undefined && Number.isFinite(total) ? { total } : {}),
        ...(message === undefined ? {} : { message }),
      };
      // That the client has left is told by the signal.
      await context.notify({ method: "notifications/progress", params }).catch(() => undefined);
      await flushed();
    },
  };
}

// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/u;

/** The trace that a request says it belongs to; a claim. */
export function traceparentOf({ _meta: meta }: RequestContext): string | undefined {
  const claimed = meta?.["traceparent"];
  return typeof claimed === "string" && TRACEPARENT.test(claimed) ? claimed : undefined;
}
