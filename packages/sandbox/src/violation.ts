/** What a plugin tried, as far as this machine can see it. Closed; some kinds need parts that later versions bring. */
export type ViolationKind =
  | "egress_denied"
  | "egress_address"
  | "egress_malformed"
  | "egress_limited"
  | "socket_substituted"
  | "seccomp_killed"
  | "memory_killed"
  | "file_size"
  | "processes"
  | "descriptor_covered"
  | "relay_died";

/** One thing that was stopped. Silence is no proof of good behaviour: the kernel does not report a refused `open`. */
export interface Violation {
  /** Name of the plugin, from its policy. */
  readonly plugin: string;
  /** Digest of the policy. */
  readonly policy: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** What was stopped. */
  readonly kind: ViolationKind;
  /** One phrase for people; hostile text in it is escaped. */
  readonly detail: string;
}

/** Delivers the violations of one launch, in order. */
export interface ViolationQueue {
  /** Resolves when it was delivered or counted; rejects as the receiver does. */
  report(kind: ViolationKind, detail: string): Promise<void>;
  /** Delivers what was only counted, and waits for the rest. Rejects with the first failure of the receiver. */
  flush(): Promise<void>;
}

const perSecond = 100;
const windowMs = 1_000;

/** At most 100 violations a second reach `deliver`; the rest become one summary with their count. */
export function createViolationQueue(
  subject: Pick<Violation, "plugin" | "policy">,
  deliver: (violation: Violation) => Promise<void>,
  now: () => number,
): ViolationQueue {
  let queue: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  let windowStart = -Infinity;
  let delivered = 0;
  let counted: { kind: ViolationKind; count: number } | undefined;

  const send = (kind: ViolationKind, detail: string, at: number): Promise<void> => {
    const sent = queue.then(() => deliver(Object.freeze({ ...subject, at, kind, detail })));
    // One delivery that fails does not hold up the next; `flush` tells of it.
    queue = sent.catch((error: unknown) => {
      failure ??= { error };
    });
    return sent;
  };
  const summarize = (at: number): void => {
    if (counted === undefined) return;
    const { kind, count } = counted;
    counted = undefined;
    // Nobody waits for this one; `flush` tells of its failure.
    send(kind, `${count} more were only counted`, at).catch(() => undefined);
  };

  return {
    async report(kind, detail) {
      const at = now();
      if (at - windowStart >= windowMs) {
        windowStart = at;
        delivered = 0;
        summarize(at);
      }
      if (delivered >= perSecond) {
        counted = { kind, count: (counted?.count ?? 0) + 1 };
        return;
      }
      delivered += 1;
      await send(kind, detail, at);
    },
    async flush() {
      summarize(now());
      await queue;
      if (failure !== undefined) throw failure.error;
    },
  };
}
