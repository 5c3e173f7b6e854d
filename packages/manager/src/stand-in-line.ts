import type { CallOptions, CallOutcome, CallRequest } from "./call.ts";
import { observeCall } from "./observe-call.ts";
import type { Standing } from "./standing.ts";

const reloading = { kind: "unavailable", reason: "reloading" } as const;

/**
 * Keeps a call waiting while an exclusive reload holds its plugin. Answers how it ended when it is not to go on. A call that would be
 * denied does not wait: a stranger could fill the line with them.
 */
export async function standInLine(
  request: CallRequest,
  options: CallOptions,
  standing: Standing,
): Promise<CallOutcome | undefined> {
  const { holds, settings, generation } = standing;
  if (!holds.has(request.plugin)) return undefined;
  const plugin = { plugin: request.plugin };
  settings.telemetry.callsQueued.add(1, plugin);
  const outcome = await stand(request, options, standing);
  settings.telemetry.callsQueued.add(-1, plugin);
  if (!outcome) return undefined;
  observeCall(request, generation.plugins.get(request.plugin), settings).end(outcome);
  return outcome;
}

async function stand(
  request: CallRequest,
  { signal, deadlineAt = Number.POSITIVE_INFINITY }: CallOptions,
  { holds, settings }: Standing,
): Promise<CallOutcome | undefined> {
  const { clock } = settings;
  for (let hold = holds.get(request.plugin); hold; hold = holds.get(request.plugin)) {
    if (!isAllowed(request, settings)) return undefined;
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

function isAllowed(
  { plugin, tool, principal }: CallRequest,
  { enforcer }: Standing["settings"],
): boolean {
  const { workspace, user, workspaceAllow, permissions, mission } = principal;
  return enforcer.evaluate({
    plugin,
    capability: `tool.${plugin}.${tool}`,
    userId: user,
    workspaceId: workspace,
    workspaceAllow,
    userPermissions: permissions,
    ...(mission === undefined ? {} : { mission }),
  }).allowed;
}
