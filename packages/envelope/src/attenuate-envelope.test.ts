import { attenuateEnvelope, decide, type EnvelopeSpec } from "@sigilrt/envelope";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, Playground, specOf } from "./fixtures/playground.ts";

let place: Playground;
beforeEach(() => {
  place = new Playground();
});
afterEach(() => {
  place[Symbol.dispose]();
});

const parentSpec: Partial<EnvelopeSpec> = {
  allowPaths: ["out/**", "docs/*.md"],
  denyPaths: ["out/secret"],
  protectedPaths: ["out/rules"],
  expiresAt: "2027-01-01T00:00:00Z",
};

describe("attenuateEnvelope", () => {
  it("accepts a child that narrows everything", async () => {
    const parent = await place.envelope(parentSpec);
    const child = specOf({
      allowOps: ["tool.files.write"],
      allowPaths: ["out/a/**", "docs/x.md"],
      denyPaths: ["out/SECRET", "out/a/b"],
      protectedPaths: ["out/*"],
      maxBudgetUsd: "0.5",
      expiresAt: "2026-12-01T00:00:00+01:00",
    });
    expect(attenuateEnvelope(parent, child)).toMatchObject({ ok: true });
    expect(attenuateEnvelope(parent, parent.spec)).toMatchObject({ ok: true });
  });

  it.each([
    ["allowOps", { allowOps: ["tool.*"] }],
    ["allowPaths", { allowPaths: ["**"] }],
    ["allowPaths", { allowPaths: ["OUT/a"] }],
    ["denyPaths", { denyPaths: [] }],
    ["denyPaths", { denyPaths: ["out/secret/key"] }],
    ["protectedPaths", { protectedPaths: [] }],
    ["maxBudgetUsd", { maxBudgetUsd: "1.000001" }],
    ["expiresAt", { expiresAt: null }],
    ["expiresAt", { expiresAt: "2027-01-01T00:00:01Z" }],
  ])("refuses a child that widens %s", async (part, given) => {
    const parent = await place.envelope(parentSpec);
    expect(attenuateEnvelope(parent, { ...specOf(parentSpec), ...given })).toEqual({
      ok: false,
      reason: "envelope_widened",
      parts: [part],
    });
  });

  it("keeps the protected objects of the parent", async () => {
    const parent = await place.envelope({ allowPaths: ["**"] }, [place.put("lock")]);
    const outcome = attenuateEnvelope(parent, specOf({ allowPaths: ["**"] }));
    if (!outcome.ok) throw new Error("refused");
    const request = { operation: "tool.files.write", paths: ["lock"], estimateUsd: "0" };
    expect(decide(outcome.envelope, request, NOW)).toMatchObject({ reason: "protected_path" });
  });

  it("never lets a child do what its parent may not", async () => {
    const part = fc.constantFrom("a", "b", "A", "*", "a*", "**");
    const patterns = fc.array(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      { maxLength: 3 },
    );
    const operations = fc.array(fc.constantFrom("x.*", "x.a", "x.a.*", "y"), { maxLength: 3 });
    const price = fc.constantFrom("0", "1", "2");
    const spec = fc.record({
      allowOps: operations,
      allowPaths: patterns,
      denyPaths: patterns,
      protectedPaths: patterns,
      maxBudgetUsd: price,
      expiresAt: fc.constantFrom(null, "2026-11-21T12:00:00Z", "2027-01-01T00:00:00Z"),
    });
    const path = fc
      .array(fc.constantFrom("a", "b", "A", "ab"), { minLength: 1, maxLength: 3 })
      .map((segments) => segments.join("/"));
    const asked = fc.record({
      operation: fc.constantFrom("x.a", "x.b", "x.a.b", "y"),
      paths: fc.array(path, { maxLength: 1 }),
      estimateUsd: price,
    });
    const requests = fc.array(asked, { minLength: 20, maxLength: 20 });
    let narrowed = 0;
    await fc.assert(
      fc.asyncProperty(spec, spec, requests, async (held, wanted, requested) => {
        // Mostly the child takes over what makes it a child, so that many are accepted.
        const kept = { denyPaths: [...held.denyPaths, ...wanted.denyPaths] };
        const child = { ...wanted, ...kept, protectedPaths: held.protectedPaths };
        const parent = await place.envelope(held);
        const outcome = attenuateEnvelope(parent, child);
        if (!outcome.ok) return;
        narrowed += 1;
        for (const request of requested) {
          const { allowed } = decide(outcome.envelope, request, NOW);
          expect(!allowed || decide(parent, request, NOW).allowed).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(narrowed).toBeGreaterThan(20);
  });
});
