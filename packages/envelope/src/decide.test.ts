import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CapabilitySet } from "@sigilrt/capability";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import {
  compileEnvelope,
  decide,
  type Envelope,
  envelopeGuard,
  missionLeg,
  type OperationRequest,
  protectObjects,
} from "@sigilrt/envelope";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, OPERATION, Playground, specOf } from "./fixtures/playground.ts";

let place: Playground;
beforeEach(() => {
  place = new Playground();
});
afterEach(() => {
  place[Symbol.dispose]();
});

const request = (given: Partial<OperationRequest> = {}): OperationRequest => ({
  operation: OPERATION,
  paths: ["out/a"],
  estimateUsd: "0",
  ...given,
});
const reasonOf = (envelope: Envelope, given: Partial<OperationRequest>, now = NOW): string => {
  const decision = decide(envelope, request(given), now);
  return decision.allowed ? "allowed" : decision.reason;
};

describe("decide", () => {
  it("allows what is allowed and answers where it lies", async () => {
    const envelope = await place.envelope();
    const paths = ["out/a", `${place.root}/out/b`];
    expect(decide(envelope, request({ paths }), NOW)).toEqual({
      allowed: true,
      paths: ["out/a", "out/b"],
    });
  });

  it("reports the first failure in the fixed order", async () => {
    const envelope = await place.envelope(
      {
        allowPaths: ["out/**", "keep/**"],
        denyPaths: ["out/denied", "keep/both"],
        protectedPaths: ["keep"],
        expiresAt: "2026-11-21T12:00:00Z",
      },
      [],
    );
    const wrong = { operation: "exec.run", paths: ["../x", "keep/both"], estimateUsd: "9" };
    expect(reasonOf(envelope, wrong, NOW)).toBe("envelope_expired");
    expect(reasonOf(envelope, wrong, NOW - 1)).toBe("op_not_allowed");
    const given = (paths: readonly string[], estimateUsd = "9"): string =>
      reasonOf(envelope, { paths, estimateUsd }, NOW - 1);
    expect(given(["../x"])).toBe("path_unsafe");
    expect(given(["/etc/passwd"])).toBe("path_outside_root");
    expect(given(["keep/both"])).toBe("protected_path");
    expect(given(["out/denied"])).toBe("path_denied");
    expect(given(["elsewhere/a"])).toBe("path_not_allowed");
    expect(given(["out/a"])).toBe("budget_exceeded");
    expect(given(["out/a"], "-1")).toBe("budget_invalid");
    expect(given(["out/a"], "1")).toBe("allowed");
  });

  it("answers expired for a clock that tells no time", async () => {
    const envelope = await place.envelope({ expiresAt: "2030-01-01T00:00:00Z" });
    expect(reasonOf(envelope, {}, Number.NaN)).toBe("envelope_expired");
  });

  it("denies everything when its lists are empty", async () => {
    const envelope = await place.envelope({ allowOps: [], allowPaths: [] });
    expect(reasonOf(envelope, {})).toBe("op_not_allowed");
    const pathless = await place.envelope({ allowPaths: [] });
    expect(reasonOf(pathless, {})).toBe("path_not_allowed");
    expect(reasonOf(pathless, { paths: [] })).toBe("allowed");
  });

  it.each(["OUT/SECRET/k", "out/secret", "out/ſecret", "out/SECRET", "out/Secret/a/b"])(
    "denies %s with out/secret, which it folds to or lies below",
    async (path) => {
      const envelope = await place.envelope({ allowPaths: ["**"], denyPaths: ["out/secret"] });
      expect(reasonOf(envelope, { paths: [path] })).toBe("path_denied");
    },
  );

  it("allows only what is written exactly so", async () => {
    expect(reasonOf(await place.envelope(), { paths: ["OUT/a"] })).toBe("path_not_allowed");
  });

  it.each([
    "../x",
    "out/../../x",
    "out/a\0b",
    "out\\..\\x",
    "out/./a",
    "out//a",
    "out/nul",
    "out/a.",
    "",
  ])("takes %j for unsafe", async (path) => {
    expect(reasonOf(await place.envelope({ allowPaths: ["**"] }), { paths: [path] })).toBe(
      "path_unsafe",
    );
  });

  it("refuses every unsafe path of the vectors", async () => {
    const envelope = await place.envelope({ allowPaths: ["**"] });
    const file = createRequire(import.meta.url).resolve(
      "@sigilrt/canonical/vectors/safe-path.json",
    );
    const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly cases: readonly { readonly path: string; readonly ok: boolean }[];
    };
    const unsafe = cases.filter(({ path, ok }) => !ok && !path.startsWith("/"));
    expect(unsafe.length).toBeGreaterThan(20);
    for (const { path } of unsafe) {
      expect([path, reasonOf(envelope, { paths: [path] })]).toEqual([path, "path_unsafe"]);
    }
  });

  it("takes an absolute path only inside the root, and not one that only begins like it", async () => {
    const envelope = await place.envelope({ allowPaths: ["**"] });
    for (const path of ["/etc/passwd", `${place.root}-other/a`, place.folder, place.root]) {
      expect(reasonOf(envelope, { paths: [path] })).toBe("path_outside_root");
    }
    expect(reasonOf(envelope, { paths: [`${place.root}/../outside/secret.txt`] })).toBe(
      "path_unsafe",
    );
  });

  it("protects everything when the root lies in something protected", async () => {
    const envelope = await place.envelope({ allowPaths: ["**"] }, [place.folder]);
    expect(reasonOf(envelope, { paths: ["out/a"] })).toBe("protected_path");
  });

  it("refuses an envelope that it did not compile", async () => {
    const forged = { ...(await place.envelope()) };
    expect(() => decide(forged, request(), NOW)).toThrow(TypeError);
  });
});

describe("compileEnvelope", () => {
  const compile = async (given: object): Promise<Envelope> =>
    compileEnvelope(
      { ...specOf(), ...given },
      {
        root: place.root,
        protectedObjects: await protectObjects([]),
      },
    );

  it.each(["allowOps", "allowPaths", "denyPaths", "protectedPaths", "maxBudgetUsd", "expiresAt"])(
    "refuses a spec without %s",
    async (name) => {
      await expect(compile({ [name]: undefined })).rejects.toThrow(TypeError);
    },
  );

  it.each([
    ["a bare star", { allowOps: ["*"] }],
    ["a star in the middle", { allowOps: ["tool.*.read"] }],
    ["a malformed operation", { allowOps: ["tool..x"] }],
    ["a bad pattern", { allowPaths: ["a/{b,c}"] }],
    ["a bad denial", { denyPaths: ["!a"] }],
    ["a float as money", { maxBudgetUsd: 12.5 }],
    ["seven places", { maxBudgetUsd: "0.0000001" }],
    ["a date that does not exist", { expiresAt: "2026-02-30T00:00:00Z" }],
    ["a date without a zone", { expiresAt: "2026-02-01T00:00:00" }],
    ["a text that is no date", { expiresAt: "tomorrow" }],
  ])("refuses %s", async (_, given) => {
    await expect(compile(given)).rejects.toThrow(RangeError);
  });

  it("gives equal specs equal digests, and others others", async () => {
    expect((await compile({})).digest).toBe((await compile({})).digest);
    expect((await compile({ maxBudgetUsd: "2" })).digest).not.toBe((await compile({})).digest);
  });

  it("does not change with the object that it was made from", async () => {
    const allowPaths = ["out/**"];
    const envelope = await compile({ allowPaths });
    allowPaths.push("**");
    expect(envelope.spec.allowPaths).toEqual(["out/**"]);
  });
});

describe("the mission leg", () => {
  it("agrees with decide on every capability", async () => {
    const envelope = await place.envelope({
      allowOps: ["tool.files.*", "provider.chat"],
      expiresAt: "2026-11-21T12:00:00Z",
    });
    const name = fc.constantFrom("tool", "files", "provider", "chat", "x", "*", "", "..");
    const operation = fc
      .array(name, { minLength: 1, maxLength: 4 })
      .map((names) => names.join("."));
    await fc.assert(
      fc.asyncProperty(operation, fc.constantFrom(NOW - 1, NOW, NOW + 1), async (asked, now) => {
        const store = createMemoryAuditStore({ maxRecords: 100 });
        const enforcer = new Enforcer(store, { now: () => now });
        const star = CapabilitySet.from(["*"]);
        await enforcer.registerPlugin("p", { allow: star, deny: [] });
        const { allowed } = enforcer.evaluate({
          plugin: "p",
          capability: asked,
          userId: "ada",
          workspaceId: "w",
          workspaceAllow: star,
          userPermissions: star,
          mission: missionLeg(envelope, "m"),
        });
        const decision = decide(envelope, request({ operation: asked, paths: [] }), now);
        expect(decision.allowed).toBe(allowed);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the guard", () => {
  it("holds a call under a mission against the whole envelope", async () => {
    const envelope = await place.envelope();
    const guard = envelopeGuard({
      find: (id) => (id === "m" ? envelope : undefined),
      describe: ({ paths }: Call) => request({ paths }),
      clock: { now: () => NOW },
    });
    const call = (mission: string | undefined, path: string): boolean =>
      guard({ principal: mission === undefined ? {} : { mission: { id: mission } }, paths: [path] })
        .ok;
    expect(call("m", "out/a")).toBe(true);
    expect(call("m", "etc/a")).toBe(false);
    expect(call("ended", "out/a")).toBe(false);
    expect(call(undefined, "etc/a")).toBe(true);
  });
});

interface Call {
  readonly principal: { readonly mission?: { readonly id: string } };
  readonly paths: readonly string[];
}
