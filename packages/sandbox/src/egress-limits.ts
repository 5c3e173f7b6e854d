/** What the connections of one launch may use at most. */
export interface EgressLimits {
  /** Connections at once, tunnels and plain requests together. */
  readonly connections: number;
  /** Connections that are not through yet, of those. */
  readonly pending: number;
  /** Connections opened in a second. */
  readonly perSecond: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** For all addresses of a name. */
  readonly resolveMs: number;
  /** For all attempts to reach one of them. */
  readonly dialMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** For a client that was refused to read why. */
  readonly lingerMs: number;
}

/** The documented limits. */
export const egressLimits: EgressLimits = Object.freeze({
  connections: 128,
  pending: 32,
  perSecond: 256,
  requestMs: 10_000,
  resolveMs: 10_000,
  dialMs: 10_000,
  idleMs: 300_000,
  lingerMs: 2_000,
});

/** One admitted connection; leaving twice is leaving once. */
export interface Place {
  /** Whether it is beyond a limit: its request is read and refused. */
  readonly isOver: boolean;
  /** It is through, and no longer pending. */
  settle(): void;
  leave(): void;
}

const windowMs = 1_000;

/** Counts connections. `enter` answers `undefined` where even reading a request would be too much. */
export function createGate(
  limits: Pick<EgressLimits, "connections" | "pending" | "perSecond">,
  now: () => number,
): { enter(): Place | undefined } {
  const used = { open: 0, pending: 0, over: 0 };
  let windowStart = -Infinity;
  let opened = 0;
  return {
    enter() {
      const at = now();
      if (at - windowStart >= windowMs) [windowStart, opened] = [at, 0];
      opened += 1;
      const isOver =
        used.open >= limits.connections ||
        used.pending >= limits.pending ||
        opened > limits.perSecond;
      if (isOver && used.over >= limits.pending) return undefined;
      const held = new Set<keyof typeof used>(isOver ? ["over"] : ["open", "pending"]);
      for (const name of held) used[name] += 1;
      const free = (name: keyof typeof used): void => {
        if (held.delete(name)) used[name] -= 1;
      };
      return {
        isOver,
        settle: () => free("pending"),
        leave: () => {
          for (const name of ["open", "pending", "over"] as const) free(name);
        },
      };
    },
  };
}
