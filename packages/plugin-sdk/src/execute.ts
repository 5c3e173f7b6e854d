import type { RouteContext } from "@sigilrt/protocol/node";
import type { ExecuteRequest } from "@sigilrt/protocol/plugin/v1";
import type { CallContext } from "./call-context.ts";
import type { Log } from "./log.ts";
import { parseArguments } from "./parse-arguments.ts";
import { PluginFailure } from "./plugin-failure.ts";
import { createProgressNotes, type ProgressNote, type ProgressNotes } from "./progress-notes.ts";
import { type CallFailure, createResultChunks, type ResultChunk } from "./result-chunks.ts";
import type { RunningCall } from "./running-calls.ts";
import { wordsOf } from "./thrown.ts";
import type { Tool, ToolOutput } from "./tool.ts";
import { traceOf } from "./trace.ts";

/** What a call of a tool is made of. */
export interface ToolCall {
  readonly tool: Tool;
  readonly request: Pick<ExecuteRequest, "arguments" | "accept" | "timeoutSeconds">;
  readonly route: Pick<RouteContext, "timeoutMs" | "metadata">;
  readonly running: RunningCall;
  readonly log: Log;
  readonly now?: (() => number) | undefined;
}

/** Runs a tool and yields its answer, which ends with exactly one terminal chunk. Whatever the author throws is part of it. */
export async function* execute(call: ToolCall): AsyncGenerator<ResultChunk, void, undefined> {
  const { tool, request, running, log } = call;
  const chunks = createResultChunks(new Set(request.accept));
  const notes = createProgressNotes();
  const timer = ownTimer(call);
  try {
    const outputs = tool.run(parseArguments(request.arguments), contextOf(call, notes));
    for await (const step of interleaved(outputs, notes)) {
      if ("note" in step) {
        yield* chunks.progress(step.note);
        continue;
      }
      const said = chunks.output(step.output);
      yield* said.chunks;
      if (said.last) return;
    }
    yield chunks.done();
  } catch (error) {
    const failure = failureOf(error, running.signal);
    if (failure.code === "internal") log.error("A tool failed", { tool: tool.name, error });
    yield chunks.failure(failure);
  } finally {
    clearTimeout(timer);
  }
}

/** A timer for a host that tells the time only in the request; on the wire the server keeps it. */
function ownTimer({ request, route, running }: ToolCall): NodeJS.Timeout | undefined {
  if (route.timeoutMs !== undefined || request.timeoutSeconds <= 0) return undefined;
  const longestMs = 2_147_483_647;
  return setTimeout(
    () => running.abort(new DOMException("the time of the call is over", "TimeoutError")),
    Math.min(request.timeoutSeconds * 1000, longestMs),
  );
}

function contextOf(call: ToolCall, notes: ProgressNotes): CallContext {
  const { request, route, running, log, now = Date.now } = call;
  const fallbackMs = request.timeoutSeconds > 0 ? request.timeoutSeconds * 1000 : undefined;
  const timeoutMs = route.timeoutMs ?? fallbackMs;
  const trace = traceOf(route.metadata);
  return Object.freeze({
    signal: running.signal,
    log,
    ...(running.host === undefined ? {} : { host: running.host }),
    progress: (completed: number, total?: number, message?: string) =>
      notes.add(completed, total, message),
    ...(timeoutMs === undefined ? {} : { deadline: new Date(now() + timeoutMs) }),
    ...(trace === undefined ? {} : { trace }),
  });
}

type Step = { readonly note: ProgressNote } | { readonly output: ToolOutput };

/** Yields outputs, and notes of progress also while the next output is on its way. */
async function* interleaved(
  outputs: AsyncIterable<ToolOutput>,
  notes: ProgressNotes,
): AsyncGenerator<Step, void, undefined> {
  const iterator = outputs[Symbol.asyncIterator]();
  const pulled: { result?: PromiseSettledResult<IteratorResult<ToolOutput>> | undefined } = {};
  const pull = async (): Promise<void> => {
    [pulled.result] = await Promise.allSettled([iterator.next()]);
    notes.wake();
  };
  try {
    void pull();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- outputs are pulled one by one
      await notes.waiting();
      // Before the notes, so that those told before an output are sent before it.
      const { result } = pulled;
      for (const note of notes.take()) yield { note };
      if (result === undefined) continue;
      if (result.status === "rejected") throw result.reason;
      if (result.value.done === true) return;
      yield { output: result.value.value };
      pulled.result = undefined;
      void pull();
    }
  } finally {
    await iterator.return?.();
  }
}

function failureOf(error: unknown, signal: AbortSignal): CallFailure {
  if (error instanceof PluginFailure) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  if (signal.aborted) {
    const isOver = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    return isOver
      ? { code: "deadline_exceeded", message: "The time of the call is over", retryable: true }
      : { code: "cancelled", message: "The call was cancelled", retryable: true };
  }
  return { code: "internal", message: wordsOf(error, "The tool"), retryable: false };
}
