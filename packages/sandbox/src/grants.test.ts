import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "./testing/requests.ts";

const shown = (policy: ReturnType<typeof compile>) =>
  policy.mounts
    .filter(({ origin }) => origin === "grant")
    .map(({ target, mode, kind }) => `${mode} ${kind} ${target}`);

describe("folding", () => {
  it.each([
    [["filesystem.read./a/*", "filesystem.read./a/*"], ["ro directory /a"]],
    [["filesystem.read./a/*", "filesystem.read./a/b/*"], ["ro directory /a"]],
    [["filesystem.read./a/*", "filesystem.read./a"], ["ro directory /a"]],
    [["filesystem.read./a/*", "exec.run./a/tool"], ["ro directory /a"]],
    [["filesystem.write./a/*", "filesystem.read./a/b/*"], ["rw directory /a"]],
    [["filesystem.write./a/*", "filesystem.read./a/*"], ["rw directory /a"]],
    [
      ["filesystem.read./a/*", "filesystem.write./a/b/*"],
      ["ro directory /a", "rw directory /a/b"],
    ],
    [
      ["filesystem.read./a/*", "filesystem.read./ab/*"],
      ["ro directory /a", "ro directory /ab"],
    ],
    // A tree that may be read does not make the granted path itself writable, nor the other way round.
    [
      ["filesystem.read./a/*", "filesystem.write./a"],
      ["ro directory /a", "rw file /a"],
    ],
  ])("%j becomes %j", (grants, mounts) => {
    expect(shown(compile({ grants })).toSorted()).toEqual(mounts.toSorted());
  });

  const segment = fc.constantFrom("a", "b", "c");
  const path = fc
    .array(segment, { minLength: 1, maxLength: 3 })
    .map((parts) => `/x/${parts.join("/")}`);
  const pattern = fc
    .tuple(fc.constantFrom("read", "write"), path, fc.constantFrom("", "/*"))
    .map(([verb, where, star]) => `filesystem.${verb}.${where}${star}`);
  const patterns = fc.array(pattern, { maxLength: 8 });
  const names = ["a", "b", "c"];
  const candidates = [
    ...names.map((first) => `/x/${first}`),
    ...names.flatMap((first) => names.map((next) => `/x/${first}/${next}`)),
    ...names.flatMap((first) => names.map((next) => `/x/${first}/${next}/a/q`)),
  ];
  const visible = (grants: readonly string[]) => {
    const { mounts } = compile({ grants });
    return candidates.filter((candidate) =>
      mounts.some(({ target, kind }) =>
        kind === "file"
          ? target === candidate
          : candidate.startsWith(`${target}/`) || target === candidate,
      ),
    );
  };

  it("never changes the set of visible paths", () => {
    fc.assert(
      fc.property(patterns, (grants) => {
        expect(visible(grants)).toEqual(
          [...new Set(grants.flatMap((one) => visible([one])))].toSorted(
            (left, right) => candidates.indexOf(left) - candidates.indexOf(right),
          ),
        );
      }),
    );
  });

  it("is the same for every order of the grants", () => {
    fc.assert(
      fc.property(patterns, (grants) => {
        expect(compile({ grants: grants.toReversed() })).toEqual(compile({ grants }));
      }),
    );
  });

  it("shows no more for fewer grants", () => {
    fc.assert(
      fc.property(patterns, pattern, (grants, another) => {
        const wider = new Set(visible([...grants, another]));
        expect(visible(grants).every((candidate) => wider.has(candidate))).toBe(true);
      }),
    );
  });
});
