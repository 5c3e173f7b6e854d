import type { TreeDigest } from "./brands.ts";
import type { LockedPlugin } from "./lockfile.ts";
import type { VerifyRejection } from "./rejection.ts";

/** What a verifier is asked about. It gets the digest and never reads the tree, so it cannot read other bytes than will run. */
export interface VerifierSubject {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its version, from its manifest. */
  readonly version: string;
  /** The digest of the bytes that will run. */
  readonly digest: TreeDigest;
  /** What was locked for it; absent where the composition works without a lock. */
  readonly locked?: LockedPlugin;
}

/** What a verifier saw. */
export interface Evidence {
  /** The verifier. */
  readonly verifier: string;
  /** What it saw, in words for an operator. */
  readonly detail: string;
  /** What its parts saw, when it joins several verifiers. */
  readonly of?: readonly Evidence[];
}

/** A verifier's answer. */
export type Verification =
  | {
      /** The digest is approved. */
      readonly ok: true;
      /** Why it is. */
      readonly evidence: Evidence;
    }
  | {
      /** It is not. */
      readonly ok: false;
      /** Why not. */
      readonly rejection: VerifyRejection;
    };

/** Confirms that a plugin's bytes are approved. */
export interface PluginVerifier {
  /** Its name, in evidence and rejections. */
  readonly name: string;
  /** Answers with a value; what it throws, and any other answer, is taken for `verifier_failed`. */
  verify(
    subject: VerifierSubject,
    options: {
      /** Aborts when the time is up; the answer then no longer counts. */
      readonly signal: AbortSignal;
    },
  ): Promise<Verification>;
}

/** How long a verifier may take. */
export interface ApplyVerifierOptions {
  /** Milliseconds; 10,000. */
  readonly timeoutMs?: number;
  /** Ends the wait; the answer is then `verifier_failed`. */
  readonly signal?: AbortSignal;
}

/** Confirms a digest that stands in the lock. */
export function treeDigestVerifier(): PluginVerifier {
  return {
    name: "tree-digest",
    verify: ({ plugin, digest, locked }) => Promise.resolve(compare(plugin, digest, locked)),
  };
}

/**
 * Confirms anything. A composition that uses it runs bytes that nobody approved: it is for trying things out, and it has to be
 * written down because there is no default verifier.
 */
export function acceptUnverified(): PluginVerifier {
  const evidence = { verifier: "accept-unverified", detail: "nothing was verified" };
  return {
    name: "accept-unverified",
    verify: () => Promise.resolve({ ok: true, evidence }),
  };
}

/** Confirms what every one of the verifiers confirms, asked in order; the first refusal is the answer. */
export function allOf(first: PluginVerifier, ...rest: readonly PluginVerifier[]): PluginVerifier {
  const verifiers = [first, ...rest];
  const name = `all-of(${verifiers.map((verifier) => verifier.name).join(", ")})`;
  return {
    name,
    async verify(subject, { signal }) {
      const seen: Evidence[] = [];
      for (const verifier of verifiers) {
        // oxlint-disable-next-line no-await-in-loop -- in order: a later one may cost a network or a person
        const answer = await applyVerifier(verifier, subject, { signal });
        if (!answer.ok) return answer;
        seen.push(answer.evidence);
      }
      const detail = `${seen.length} verifiers confirmed`;
      return { ok: true, evidence: { verifier: name, detail, of: Object.freeze(seen) } };
    },
  };
}

/**
 * Asks a verifier and trusts nothing about how it answers: one that throws, hangs past the time limit or answers anything but a
 * {@link Verification} is `verifier_failed`. Never rejects.
 */
export async function applyVerifier(
  verifier: PluginVerifier,
  subject: VerifierSubject,
  options: ApplyVerifierOptions = {},
): Promise<Verification> {
  const { timeoutMs = 10_000 } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const fail = (detail: string): Verification => failed(subject.plugin, verifier.name, detail);
  const stopped = Promise.withResolvers<Verification>();
  const stop = (): void =>
    stopped.resolve(fail(deadline.aborted ? `no answer within ${timeoutMs} ms` : "cancelled"));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const asked = Promise.resolve(verifier.verify(subject, { signal })).then(
      (answer) => (isVerification(answer) ? answer : fail("answered no verification")),
      (error: unknown) => fail(`threw ${error instanceof Error ? error.name : typeof error}`),
    );
    return await Promise.race([stopped.promise, asked]);
  } catch (error) {
    return fail(`threw ${error instanceof Error ? error.name : typeof error}`);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function compare(
  plugin: string,
  actual: TreeDigest,
  locked: LockedPlugin | undefined,
): Verification {
  const expected = locked?.digests ?? [];
  if (expected.includes(actual)) {
    const evidence = { verifier: "tree-digest", detail: `${actual} is locked` };
    return { ok: true, evidence };
  }
  const rejection: VerifyRejection =
    locked !== undefined && expected.length === 0
      ? { kind: "legacy_digest", plugin }
      : { kind: "integrity_mismatch", plugin, expected, actual };
  return { ok: false, rejection: Object.freeze(rejection) };
}

/** Verifiers may be anybody's code: only the exact shape counts as confirmed. */
function isVerification(answer: unknown): answer is Verification {
  if (typeof answer !== "object" || answer === null || !("ok" in answer)) return false;
  if (answer.ok === true) {
    return "evidence" in answer && typeof answer.evidence === "object" && answer.evidence !== null;
  }
  return (
    answer.ok === false &&
    "rejection" in answer &&
    typeof answer.rejection === "object" &&
    answer.rejection !== null &&
    "kind" in answer.rejection
  );
}

const failed = (plugin: string, verifier: string, detail: string): Verification => ({
  ok: false,
  rejection: Object.freeze({ kind: "verifier_failed", plugin, verifier, detail }),
});
