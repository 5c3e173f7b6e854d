import {
  acceptUnverified,
  allOf,
  applyVerifier,
  parseLockfile,
  type PluginVerifier,
  treeDigestVerifier,
  type TreeDigest,
  type Verification,
  type VerifierSubject,
} from "@sigilrt/integrity";
import { describe, expect, it } from "vitest";

const digest = `tree1-sha256:${"a".repeat(64)}` as TreeDigest;
const other = `tree1-sha256:${"b".repeat(64)}` as TreeDigest;
const subject = (...digests: readonly TreeDigest[]): VerifierSubject => ({
  plugin: "demo",
  version: "1.0.0",
  digest,
  locked: { digests },
});
const custom = (verify: PluginVerifier["verify"]): PluginVerifier => ({ name: "custom", verify });
const failed = (detail: string): unknown => ({
  ok: false,
  rejection: { kind: "verifier_failed", plugin: "demo", verifier: "custom", detail },
});
const never = new Promise<never>(() => undefined);

describe("treeDigestVerifier", () => {
  it("confirms a digest that stands in the lock, also as one of several", async () => {
    const verifier = treeDigestVerifier();
    expect(await applyVerifier(verifier, subject(digest))).toMatchObject({ ok: true });
    expect(await applyVerifier(verifier, subject(other, digest))).toMatchObject({ ok: true });
  });

  it("carries no invented evidence", async () => {
    expect(await applyVerifier(treeDigestVerifier(), subject(other))).toEqual({
      ok: false,
      rejection: { kind: "integrity_mismatch", plugin: "demo", expected: [other], actual: digest },
    });
  });

  it("confirms nothing without a lock", async () => {
    const { locked: _locked, ...unlocked } = subject(digest);
    expect(await applyVerifier(treeDigestVerifier(), unlocked)).toMatchObject({
      rejection: { kind: "integrity_mismatch", expected: [] },
    });
  });

  it("tells that a digest of the first design matches nothing", async () => {
    const legacy = parseLockfile(new TextEncoder().encode(`{"demo":"${"a".repeat(64)}"}`));
    const locked = legacy.ok ? Object.values(legacy.lock.plugins) : [];
    expect(locked).toHaveLength(1);
    expect(
      await applyVerifier(treeDigestVerifier(), {
        ...subject(),
        ...locked.map((entry) => ({ locked: entry }))[0],
      }),
    ).toEqual({ ok: false, rejection: { kind: "legacy_digest", plugin: "demo" } });
  });
});

describe("applyVerifier", () => {
  it("takes a verifier that throws or rejects for a failed one", async () => {
    const throwing = custom(() => {
      throw new RangeError("secret detail");
    });
    const rejecting = custom(() => Promise.reject(new Error("secret detail")));
    expect(await applyVerifier(throwing, subject(digest))).toEqual(failed("threw RangeError"));
    expect(await applyVerifier(rejecting, subject(digest))).toEqual(failed("threw Error"));
  });

  it("does not wait for a verifier that hangs", async () => {
    const hanging = custom(() => never);
    expect(await applyVerifier(hanging, subject(digest), { timeoutMs: 5 })).toEqual(
      failed("no answer within 5 ms"),
    );
    const aborted = { signal: AbortSignal.abort() };
    expect(await applyVerifier(hanging, subject(digest), aborted)).toEqual(failed("cancelled"));
  });

  it.each([
    undefined,
    null,
    true,
    "ok",
    {},
    { ok: "true" },
    { ok: 1 },
    { ok: true },
    { ok: false },
  ])("takes %j for no verification", async (answer) => {
    const verifier = custom(() => Promise.resolve(answer as unknown as Verification));
    expect(await applyVerifier(verifier, subject(digest))).toEqual(
      failed("answered no verification"),
    );
  });

  it("hands the verifier the digest that will run", async () => {
    const seen: unknown[] = [];
    const verifier = custom((asked) => {
      seen.push(asked.digest);
      return acceptUnverified().verify(asked, { signal: AbortSignal.timeout(1) });
    });
    await applyVerifier(verifier, subject(digest));
    expect(seen).toEqual([digest]);
  });
});

describe("allOf", () => {
  it("confirms when every one confirms and keeps what each saw", async () => {
    const both = allOf(treeDigestVerifier(), acceptUnverified());
    expect(await applyVerifier(both, subject(digest))).toMatchObject({
      ok: true,
      evidence: { of: [{ verifier: "tree-digest" }, { verifier: "accept-unverified" }] },
    });
  });

  it("asks in order and stops at the first refusal", async () => {
    const asked: string[] = [];
    const last = custom(() => {
      asked.push("last");
      return never;
    });
    const outcome = await applyVerifier(allOf(treeDigestVerifier(), last), subject(other));
    expect(outcome).toMatchObject({ ok: false, rejection: { kind: "integrity_mismatch" } });
    expect(asked).toEqual([]);
  });

  it("does not confirm when a part throws", async () => {
    const broken = custom(() => Promise.reject(new Error("no")));
    const outcome = await applyVerifier(allOf(acceptUnverified(), broken), subject(digest));
    expect(outcome).toMatchObject({ ok: false, rejection: { kind: "verifier_failed" } });
  });
});
