import { GuestStop } from "./failure.ts";

/** Something a guest waits for. Only time is ever waited for; everything else is ready. */
export class Pollable {
  readonly #wait: ((until: bigint, sleep: boolean) => boolean) | undefined;
  /** When it is ready, in nanoseconds of the monotonic clock; 0 for always. */
  readonly due: bigint;

  constructor(due = 0n, wait?: (until: bigint, sleep: boolean) => boolean) {
    this.due = due;
    this.#wait = wait;
  }

  /** Whether it is ready now. */
  ready(): boolean {
    return this.#wait?.(this.due, false) ?? true;
  }

  /** Waits until it is ready. */
  block(): void {
    this.#wait?.(this.due, true);
  }
}

/** The clocks of virtual WASI. */
export interface VirtualClock {
  /** Interfaces without package. */
  readonly interfaces: Readonly<Record<string, object>>;
  /** Begins a call. */
  begin(): void;
}

const NS_PER_MS = 1_000_000n;

/**
 * Makes clocks that stand at the call's start, in whole milliseconds, unless the host answers the time. A clock that
 * stands keeps nobody waiting.
 */
export function createVirtualClock(
  ask: (name: string, args: readonly unknown[]) => unknown,
): VirtualClock {
  let startMs = BigInt(Date.now());
  let granted = true;
  const time = (name: "clock.wallMs" | "clock.monotonicMs"): bigint => {
    if (!granted) return startMs;
    try {
      const answered = ask(name, []);
      if (typeof answered === "bigint") return answered;
    } catch (error) {
      if (error instanceof GuestStop) throw error;
    }
    // Refused once is refused for the call: a guest that reads the clock often does not ask each time.
    granted = false;
    return startMs;
  };
  const monotonic = (): bigint => time("clock.monotonicMs") * NS_PER_MS;
  const wait = (until: bigint, sleep: boolean): boolean => {
    const left = until - monotonic();
    if (!granted || left <= 0n) return true;
    if (sleep) pause(left);
    return sleep;
  };
  return {
    interfaces: {
      "clocks/monotonic-clock": {
        now: monotonic,
        resolution: () => NS_PER_MS,
        subscribeInstant: (when: bigint) => new Pollable(when, wait),
        subscribeDuration: (duration: bigint) =>
          new Pollable(BigInt.asUintN(64, monotonic() + duration), wait),
      },
      "clocks/wall-clock": {
        now: () => datetime(time("clock.wallMs")),
        resolution: () => ({ seconds: 0n, nanoseconds: Number(NS_PER_MS) }),
      },
      "io/poll": {
        Pollable,
        poll: (polled: readonly Pollable[]) => {
          const all = [...polled];
          const first = all.reduce((least, each) => (each.due < least.due ? each : least));
          first.block();
          return Uint32Array.from(all.flatMap((each, index) => (each.ready() ? [index] : [])));
        },
      },
    },
    begin() {
      // Never back: what a guest measured between two calls is not negative.
      const now = BigInt(Date.now());
      startMs = now > startMs ? now : startMs;
      granted = true;
    },
  };
}

const datetime = (ms: bigint): { readonly seconds: bigint; readonly nanoseconds: number } => ({
  seconds: ms / 1_000n,
  nanoseconds: Number((ms % 1_000n) * NS_PER_MS),
});

/** Sleeps; the host ends a sleeping Worker as it ends a busy one. */
function pause(ns: bigint): void {
  const ms = Number(ns / NS_PER_MS) + 1;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
