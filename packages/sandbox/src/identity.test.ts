import { describe, expect, it } from "vitest";
import { type RunAs, resolveIdentity } from "./identity.ts";
import { codeOf } from "./testing/thrown.ts";

const root = { uid: 0, gid: 0 };
const user = { uid: 1_000, gid: 1_000 };

describe("who plugins run as", () => {
  it("is the user of the gateway when that is no root", () => {
    expect(resolveIdentity(undefined, user)).toEqual({ ...user, changes: false });
    expect(resolveIdentity(user, user)).toEqual({ ...user, changes: false });
  });

  it("is the chosen user when the gateway is root", () => {
    expect(resolveIdentity(user, root)).toEqual({ ...user, changes: true });
  });

  it.each<[string, RunAs | undefined, typeof root, string]>([
    ["nobody was chosen by root", undefined, root, "ROOT_IDENTITY"],
    ["root was chosen, whose limits cannot be enforced here", "root", root, "LIMIT_UNENFORCEABLE"],
    ["root was chosen by a user", "root", user, "LIMIT_UNENFORCEABLE"],
    ["uid 0 was chosen", { uid: 0, gid: 1 }, root, "ROOT_IDENTITY"],
    ["gid 0 was chosen", { uid: 1, gid: 0 }, root, "ROOT_IDENTITY"],
    ["half a uid was chosen", { uid: 1.5, gid: 1 }, root, "ROOT_IDENTITY"],
    [
      "the uid that means no change was chosen",
      { uid: 4_294_967_295, gid: 1 },
      root,
      "ROOT_IDENTITY",
    ],
    ["another user was chosen by a user", { uid: 1_001, gid: 1_001 }, user, "ROOT_IDENTITY"],
  ])("is refused when %s", (_, runAs, own, code) => {
    expect(codeOf(() => resolveIdentity(runAs, own))).toBe(code);
  });
});
