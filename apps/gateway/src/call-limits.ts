import { CapabilitySet } from "@sigilrt/capability";
import type { CallGuard } from "@sigilrt/manager";

/** What calls of one kind are held to; what is absent is not limited here. */
export interface CallLimits {
  /** Calls a minute, as a token bucket: what was not used may be used at once, up to a minute's worth. */
  readonly rate?: number;
  /** Calls that run at once. */
  readonly concurrency?: number;
  /** Calls a day, from midnight to midnight UTC. */
  readonly budget?: number;
}

/** Limits of a gateway. Each call is held to all that are about it, so that the tightest applies. */
export interface LimitTable {
  readonly gateway: CallLimits;
  /** Of each workspace, user, plugin and tool that has none of its own below. */
  readonly each: Readonly<Record<"workspace" | "user" | "plugin" | "tool", CallLimits>>;
  readonly workspaces: ReadonlyMap<string, CallLimits>;
  readonly users: ReadonlyMap<string, CallLimits>;
  readonly plugins: ReadonlyMap<string, CallLimits>;
  /** By `plugin.tool`. */
  readonly tools: ReadonlyMap<string, CallLimits>;
}

/** A guard over a table that may be exchanged; what was used stays used. */
export interface CallLimiter {
  readonly guard: CallGuard;
  replace(table: LimitTable): void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A slot that ends has no time that is known; this soon it is worth asking again. */
const BUSY_RETRY_MS = 1_000;

/** Makes the limiter of a gateway. */
export function limitCalls(first: LimitTable, clock: { now(): number }): CallLimiter {
  let table = first;
  const meters = new Map<string, Meter>();
  const meterOf = (key: string): Meter => {
    const meter = meters.get(key) ?? new Meter(clock.now());
    meters.set(key, meter);
    return meter;
  };
  return {
    replace(next) {
      table = next;
    },
    guard(request) {
      const now = clock.now();
      const held = limitsOf(request, table).map(({ key, limits }) => ({
        meter: meterOf(key),
        limits,
      }));
      const waits = held.map(({ meter, limits }) => meter.waitMs(limits, now));
      const longest = Math.max(0, ...waits);
      // All or nothing: a call that one limit stops takes nothing from the others.
      if (longest > 0) return { ok: false, retryAfterMs: Math.ceil(longest) };
      for (const { meter, limits } of held) meter.take(limits, now);
      return {
        ok: true,
        release() {
          for (const { meter } of held) meter.release();
        },
      };
    },
  };
}

interface HeldTo {
  readonly key: string;
  readonly limits: CallLimits;
}

type Request = Parameters<CallGuard>[0];

/** The limits that are about a call, each with what it counts by. */
function limitsOf(request: Request, table: LimitTable): readonly HeldTo[] {
  const { plugin, principal } = request;
  const { user, workspace } = principal;
  const own = { key: keyOf("user", user), limits: table.users.get(user) ?? table.each.user };
  // Who may not make the call uses up nothing that others share: it would be denied afterwards.
  if (!("tool" in request) || !mayCall(request)) return [own];
  const tool = `${plugin}.${request.tool}`;
  return [
    own,
    { key: keyOf("gateway", ""), limits: table.gateway },
    {
      key: keyOf("workspace", workspace),
      limits: table.workspaces.get(workspace) ?? table.each.workspace,
    },
    { key: keyOf("plugin", plugin), limits: table.plugins.get(plugin) ?? table.each.plugin },
    { key: keyOf("tool", tool), limits: table.tools.get(tool) ?? table.each.tool },
  ].filter(({ limits }) => Object.values(limits).some((limit) => limit !== undefined));
}

const keyOf = (kind: string, name: string): string => `${kind} ${name}`;

function mayCall({
  plugin,
  tool,
  principal,
}: Extract<Request, { readonly tool: string }>): boolean {
  const { workspaceAllow, permissions } = principal;
  return [workspaceAllow, permissions].every((set) => {
    try {
      const known = set instanceof CapabilitySet ? set : CapabilitySet.from(set);
      return known.contains(`tool.${plugin}.${tool}`);
    } catch {
      return false;
    }
  });
}

/** What was used under one key. Whole numbers throughout but for the bucket, so that nothing is lost to rounding. */
class Meter {
  #running = 0;
  /** Milliseconds of the bucket that are used up; they come back as time passes. */
  #usedMs = 0;
  #at: number;
  #day = 0;
  #spent = 0;

  constructor(now: number) {
    this.#at = now;
  }

  /** How long a call has to wait; 0 when it may run. */
  waitMs({ rate, concurrency, budget }: CallLimits, now: number): number {
    this.#pass(now);
    const interval = rate === undefined ? 0 : MINUTE_MS / rate;
    const byRate = rate === undefined ? 0 : Math.max(0, this.#usedMs + interval - MINUTE_MS);
    // A call costs a part of the minute that no binary fraction writes: less than a microsecond is none.
    const ofRate = byRate < 0.001 ? 0 : byRate;
    const ofBudget = budget !== undefined && this.#spent >= budget ? untilMidnight(now) : 0;
    const ofRunning = concurrency !== undefined && this.#running >= concurrency ? BUSY_RETRY_MS : 0;
    return Math.max(ofRate, ofBudget, ofRunning);
  }

  take({ rate }: CallLimits, now: number): void {
    this.#pass(now);
    if (rate !== undefined) this.#usedMs += MINUTE_MS / rate;
    this.#spent += 1;
    this.#running += 1;
  }

  release(): void {
    this.#running -= 1;
  }

  #pass(now: number): void {
    // A clock that goes back gives nothing.
    this.#usedMs = Math.max(0, this.#usedMs - Math.max(0, now - this.#at));
    this.#at = now;
    const day = Math.floor(now / DAY_MS);
    if (day <= this.#day) return;
    this.#day = day;
    this.#spent = 0;
  }
}

const untilMidnight = (now: number): number => DAY_MS - (now % DAY_MS);
