import type { Trace } from "./call-context.ts";

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/u;
/** A longer state may be dropped, says W3C Trace Context. */
const MAX_TRACESTATE_CHARACTERS = 512;

/** Reads the trace in the headers of a call; one that is malformed is none. */
export function traceOf(metadata: Readonly<Record<string, string>>): Trace | undefined {
  const { traceparent = "", tracestate = "" } = metadata;
  if (!TRACEPARENT.test(traceparent)) return undefined;
  const kept = tracestate !== "" && tracestate.length <= MAX_TRACESTATE_CHARACTERS;
  return Object.freeze({ traceparent, ...(kept ? { tracestate } : {}) });
}
