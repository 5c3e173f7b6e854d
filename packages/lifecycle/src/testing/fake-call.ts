import type { WaitingClock } from "../clock.ts";
import { LifecycleError } from "../lifecycle-error.ts";
import type { CallChunk, HostCallOptions } from "../plugin-host.ts";

interface FakeCall {
  /** Begins the call; its chunks stop when the signal aborts. */
  readonly source: (signal: AbortSignal) => AsyncIterable<CallChunk>;
  readonly options: HostCallOptions;
  /** Aborts, with the error that calls in flight get, when the plugin ends. */
  readonly ended: AbortSignal;
  readonly maxResultBytes: number;
  readonly clock: WaitingClock;
}

/** Runs one call under its deadline, signal and size limit, and ends it with exactly one result or a throw. */
export async function* runFakeCall(call: FakeCall): AsyncIterable<CallChunk> {
  const { options, ended, clock } = call;
  const over = new AbortController();
  const stop = AbortSignal.any([options.signal, ended, over.signal]);
  const stopped = new Promise<never>((_, reject) => {
    const fail = (): void => {
      if (ended.aborted) reject(ended.reason);
      else if (options.signal.aborted) reject(stopError("CANCELLED", options.signal.reason));
      else reject(stopError("DEADLINE", over.signal.reason));
    };
    if (stop.aborted) fail();
    else stop.addEventListener("abort", fail, { once: true });
  });
  stopped.catch(() => undefined);
  const finished = new AbortController();
  clock.sleep(Math.max(0, options.deadlineAt - clock.now()), finished.signal).then(
    () => over.abort(),
    () => undefined,
  );

  const chunks = call.source(stop)[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
      const next = await Promise.race([chunks.next(), stopped]);
      if (next.done === true) throw new LifecycleError("PROTOCOL", "Cannot end a call: no result");
      bytes += sizeOf(next.value);
      if (bytes > call.maxResultBytes) {
        throw new LifecycleError(
          "RESULT_TOO_LARGE",
          `Cannot pass on a result: over ${call.maxResultBytes} bytes`,
        );
      }
      if (next.value.kind === "progress" && options.onProgress) {
        // oxlint-disable-next-line no-await-in-loop -- the reader's pace holds the plugin
        await Promise.race([options.onProgress(next.value.progress), stopped]);
        continue;
      }
      yield next.value;
      if (next.value.kind === "result") return;
    }
  } finally {
    finished.abort();
    over.abort();
    // A tool that ignores its signal is left behind, as a hung program would be killed.
    chunks.return?.()?.catch(() => undefined);
  }
}

const stopError = (code: "CANCELLED" | "DEADLINE", cause: unknown): LifecycleError =>
  new LifecycleError(code, code === "CANCELLED" ? "Call was cancelled" : "Call met its deadline", {
    cause,
  });

function sizeOf(chunk: CallChunk): number {
  switch (chunk.kind) {
    case "content":
      return chunk.content.kind === "text"
        ? chunk.content.text.length
        : chunk.content.data.byteLength;
    case "progress":
      return 0;
    case "result":
      return chunk.structured === undefined ? 0 : JSON.stringify(chunk.structured).length;
    default:
      return chunk satisfies never;
  }
}
