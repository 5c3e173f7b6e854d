import type {
  CallChunk,
  Clock,
  Content,
  HostCall,
  HostCallOptions,
  InstanceLimits,
  JsonValue,
  Progress,
} from "@sigilrt/lifecycle";
import { STATUS } from "@sigilrt/protocol";
import type { ExecuteChunk } from "@sigilrt/protocol/plugin/v1";
import type { Connection } from "./connection.ts";
import { fromValue } from "./json.ts";
import { methods } from "./methods.ts";
import { ProcessHostError } from "./process-host-error.ts";
import { limited, TIME_OVER, unlessAborted } from "./waiting.ts";

/** What of the limits of an instance binds its calls. */
export type CallLimits = Pick<InstanceLimits, "callMs" | "idleMs" | "maxResultBytes">;

/** Arms of a chunk beyond the kept contract that this host reads. */
const ACCEPT = ["progress", "structured", "binary", "failure"];

/** Runs a tool. Throws {@link ProcessHostError} while iterating. */
export async function* callTool(
  connection: Connection,
  call: HostCall,
  options: HostCallOptions,
  limits: CallLimits,
  clock: Clock,
): AsyncGenerator<CallChunk, void, undefined> {
  const timeLeft = Math.min(options.deadlineAt - clock.now(), limits.callMs);
  const result = createResult(limits.maxResultBytes);
  const leaving = new AbortController();
  const forget = connection.ids.begin(call.requestId);
  const stop = limited(timeLeft, options.signal, leaving.signal);
  const chunks = connection.stream(
    methods.execute,
    {
      toolName: call.tool,
      arguments: JSON.stringify(call.arguments),
      timeoutSeconds: Math.max(1, Math.min(Math.ceil(timeLeft / 1000), 2_147_483_647)),
      callId: call.requestId,
      accept: ACCEPT,
      maxResultBytes: BigInt(limits.maxResultBytes),
    },
    {
      signal: stop.signal,
      timeoutMs: timeLeft,
      ...(call.traceparent === undefined ? {} : { metadata: { traceparent: call.traceparent } }),
    },
  );
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
      const next = await nextWithin(chunks, limits.idleMs, stop.signal);
      if (next.done === true) break;
      for (const chunk of result.take(next.value)) {
        if (chunk.kind === "progress" && options.onProgress !== undefined) {
          // oxlint-disable-next-line no-await-in-loop -- the reader's pace holds the plugin
          await unlessAborted(options.onProgress(chunk.progress), stop.signal);
        } else {
          yield chunk;
        }
      }
    }
    yield result.end();
  } catch (error) {
    throw callEnd(error, options.signal, call.tool);
  } finally {
    forget();
    // Resets the stream even while a read of it is pending, as after an idle plugin or a reader that never answers.
    leaving.abort(LEFT);
    stop.stop();
    // Not awaited: a stream that hangs must not hold back the failure.
    chunks.return().catch(() => undefined);
  }
}

/** A reason that nobody reads; without one each call would make an error with its stack. */
const LEFT: unique symbol = Symbol("the call has ended");

async function nextWithin<T>(
  chunks: AsyncGenerator<T, void, undefined>,
  idleMs: number,
  signal: AbortSignal,
): Promise<IteratorResult<T, void>> {
  const idle = limited(idleMs, signal);
  try {
    return await unlessAborted(chunks.next(), idle.signal);
  } finally {
    idle.stop();
  }
}

function callEnd(error: unknown, signal: AbortSignal, tool: string): unknown {
  if (signal.aborted) {
    return new ProcessHostError("CANCELLED", "Cannot finish the call: the caller cancelled it", {
      phase: "call",
      cause: signal.reason,
    });
  }
  if (error === TIME_OVER) {
    return new ProcessHostError("DEADLINE_EXCEEDED", "Cannot finish the call: its time was over", {
      phase: "call",
    });
  }
  if (error instanceof ProcessHostError && error.status === STATUS.NOT_FOUND)
    return toolUnknown(tool, error);
  return error;
}

/** The failure of a call whose tool the plugin does not offer. */
export const toolUnknown = (tool: string, cause?: unknown): ProcessHostError =>
  new ProcessHostError(
    "TOOL_UNKNOWN",
    `Cannot call tool ${JSON.stringify(tool.slice(0, 200))}: the plugin offers no such tool`,
    { phase: "call", cause },
  );

interface Result {
  take(chunk: ExecuteChunk): readonly CallChunk[];
  end(): CallChunk;
}

interface OpenPart {
  readonly mimeType: string;
  readonly name: string;
  readonly data: Uint8Array[];
}

function createResult(maxBytes: number): Result {
  let bytes = 0;
  let ended = false;
  let isError = false;
  let structured: JsonValue | undefined;
  const parts = new Map<string, OpenPart>();
  const count = (more: number): void => {
    bytes += more;
    if (bytes <= maxBytes) return;
    throw new ProcessHostError(
      "MESSAGE_TOO_LARGE",
      `Cannot pass on a result: over ${maxBytes} bytes`,
      { phase: "call" },
    );
  };
  const text = (words: string): readonly CallChunk[] => {
    count(Buffer.byteLength(words));
    return words === "" ? [] : [{ kind: "content", content: { kind: "text", text: words } }];
  };

  return {
    take({ chunk }) {
      if (ended) throw misbehaved("it went on after its end");
      switch (chunk.case) {
        case "text":
          return text(chunk.value);
        case "structured": {
          if (structured !== undefined) throw misbehaved("it has two structured values");
          structured = fromValue(chunk.value);
          count(Buffer.byteLength(JSON.stringify(structured)));
          return [];
        }
        case "progress":
          return [{ kind: "progress", progress: progressOf(chunk.value) }];
        case "binary": {
          const { partId, mimeType, name, data, last } = chunk.value;
          // Part ids cost memory too; without their weight a plugin could open parts without end.
          count(data.byteLength + Buffer.byteLength(partId) + 1);
          const part = parts.get(partId) ?? { mimeType, name, data: [] };
          part.data.push(data);
          parts.set(partId, part);
          if (!last) return [];
          parts.delete(partId);
          return [{ kind: "content", content: binaryOf(part) }];
        }
        case "done":
          ended = true;
          return [];
        case "error":
          ended = true;
          isError = true;
          return text(chunk.value);
        case "failure":
          ended = true;
          isError = true;
          return text(chunk.value.message);
        case undefined:
          // An arm of a later version; unknown fields are ignored.
          return [];
        default:
          return chunk satisfies never;
      }
    },
    end() {
      if (parts.size > 0 && !isError) throw misbehaved("a binary part has no end");
      return { kind: "result", isError, ...(structured === undefined ? {} : { structured }) };
    },
  };
}

function binaryOf({ mimeType, name, data }: OpenPart): Content {
  return {
    kind: "binary",
    mimeType,
    data: Uint8Array.from(Buffer.concat(data)),
    ...(name === "" ? {} : { name }),
  };
}

function progressOf(note: {
  readonly completed: number;
  readonly total: number;
  readonly message: string;
}): Progress {
  const { completed, total, message } = note;
  return { completed, ...(total > 0 ? { total } : {}), ...(message === "" ? {} : { message }) };
}

const misbehaved = (found: string): ProcessHostError =>
  new ProcessHostError("PLUGIN_MISBEHAVED", `Cannot read the result of a call: ${found}`, {
    phase: "call",
  });
