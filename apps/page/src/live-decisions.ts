/* oxlint-disable no-await-in-loop -- one connection after the other, one part after the other */
import { open, Refused } from "./client.ts";
import { eventsOf } from "./event-text.ts";
import type { Decision } from "./facts.ts";

const KEPT = 500;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** The newest decisions, newest first, as far as they reached this page. */
export interface LiveState {
  readonly connection: "connecting" | "live" | "lost";
  readonly decisions: readonly Decision[];
  /** Decisions that this page was too slow for; the audit has them. */
  readonly dropped: number;
}

/** Follows the decisions until the signal aborts; comes back by itself and goes on where it was. */
export async function followDecisions(
  show: (state: LiveState) => void,
  refused: (error: Refused) => void,
  signal: AbortSignal,
): Promise<void> {
  let state: LiveState = { connection: "connecting", decisions: [], dropped: 0 };
  let last: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  let isDue = false;
  const change = (next: Partial<LiveState>): void => {
    state = { ...state, ...next };
    if (isDue || signal.aborted) return;
    isDue = true;
    // However many come at once, the page is drawn once.
    requestAnimationFrame(() => {
      isDue = false;
      if (!signal.aborted) show(state);
    });
  };
  while (!signal.aborted) {
    try {
      const headers = last === undefined ? {} : { "last-event-id": last };
      const stream = await open("/v1/decisions", headers, signal);
      change({ connection: "live" });
      waitMs = FIRST_WAIT_MS;
      for await (const { id, type, data } of eventsOf(partsOf(stream))) {
        if (id !== undefined) last = id;
        if (type === "dropped") change({ dropped: state.dropped + Number(data) });
        if (type === "decision") {
          const decision: Decision = JSON.parse(data);
          change({ decisions: [decision, ...state.decisions].slice(0, KEPT) });
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status === 401) return refused(error);
    }
    change({ connection: "lost" });
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

async function* partsOf(stream: ReadableStream<string>): AsyncGenerator<string> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
