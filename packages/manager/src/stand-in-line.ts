import type { CallOptions, CallOutcome } from "./call.ts";
import { type Subject, wouldAllow } from "./decide.ts";
import type { Standing } from "./standing.ts";

const reloading = { kind: "unavailable", reason: "reloading" } as const;

/**
 * Keeps a call waiting while an exclusive reload holds its plugin. Answers how it ended when it is not to go on. A call that would be
 * denied does not wait: a stranger could fill the line with them.
 */
export async function standInLine(
  subject: Subject,
  options: CallOptions,
  standing: Standing,
): Promise<EndInLine | undefined> {
  const { plugin } = subject;
  if (!standing.holds.has(plugin)) return undefined;
  const { callsQueued } = standing.settings.telemetry;
  callsQueued.add(1, { plugin });
  try {
    return await stand(subject, options, standing);
  } finally {
    callsQueued.add(-1, { plugin });
  }
}

type EndInLine = Extract<CallOutcome, { readonly kind: "unavailable" | "cancelled" }>;

async function stand(
  subject: Subject,
  { signal, deadlineAt = Number.POSITIVE_INFINITY }: CallOptions,
  { holds, settings }: Standing,
): Promise<EndInLine | undefined> {
  const { clock } = settings;
  for (let hold = holds.get(subject.plugin); hold; hold = holds.get(subject.plugin)) {
    if (!wouldAllow(subject, settings)) return undefined;
    const late = new AbortController();
    const over = new AbortController();
    if (deadlineAt < Number.POSITIVE_INFINITY) {
      clock.sleep(Math.max(0, deadlineAt - clock.now()), over.signal).then(
        () => late.abort(),
        () => undefined,
      );
    }
    try {
      const stop = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
      // oxlint-disable-next-line no-await-in-loop -- another reload may have begun meanwhile
      if (!(await hold.enter(stop))) return reloading;
    } catch {
      return { kind: "cancelled", by: late.signal.aborted ? "deadline" : "caller" };
    } finally {
      over.abort();
    }
  }
  return undefined;
}
