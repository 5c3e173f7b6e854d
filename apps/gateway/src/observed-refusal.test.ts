import type { Observation } from "@sigilrt/sandbox";
import { expect, it } from "vitest";
import { refusalOf } from "./observed-refusal.ts";

const grantable = (): undefined => undefined;
const path = (
  intent: Extract<Observation, { kind: "path" }>["intent"],
  found: Extract<Observation, { kind: "path" }>["found"],
  at = "/srv/a",
): Observation => ({ kind: "path", path: at, intent, found });

it.for([
  [path("read", "file"), "filesystem.read./srv/a"],
  [path("read", "directory"), "filesystem.read./srv/a/*"],
  [path("write", "file"), "filesystem.write./srv/a"],
  [path("write", "directory"), "filesystem.write./srv/a/*"],
  [path("write", "nothing"), "filesystem.write./srv/*"],
  [path("run", "file"), "exec.run./srv/a"],
  [path("read", "file", "/srv/100%/a*"), "filesystem.read./srv/100%25/a%2A"],
  [{ kind: "destination", host: "api.example.org", port: 443 }, "net.connect.api.example.org:443"],
  [{ kind: "destination", host: "2001:db8::1", port: 443 }, "net.connect.[2001:db8::1]:443"],
] as const)("names the narrowest pattern: %j", ([observation, pattern]) => {
  const refusal = refusalOf(observation, grantable);
  expect(refusal).toEqual({ pattern, evidence: expect.any(String) });
});

it.for([
  path("connect", "other"),
  path("read", "file", "/srv/\u0001"),
  { kind: "direct", address: "192.0.2.1", port: 443 },
  { kind: "incomplete", reason: "too many" },
] as const)("names none where no grant helps, and says why: %j", (observation) => {
  const refusal = refusalOf(observation, grantable);
  expect(refusal.pattern).toBeUndefined();
  expect(refusal.obstacle).toEqual(expect.any(String));
});

it("proposes nothing for what was only looked for", () => {
  expect(refusalOf(path("look", "file"), grantable)).toEqual({
    evidence: "looked for /srv/a",
    isLookup: true,
  });
});

it("passes on why the sandbox would refuse the grant", () => {
  const refusal = refusalOf(path("write", "file"), (pattern) => `cannot grant ${pattern}`);
  expect(refusal.obstacle).toBe("cannot grant filesystem.write./srv/a");
});
