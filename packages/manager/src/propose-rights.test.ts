import { CapabilitySet, parsePattern } from "@sigilrt/capability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HeardRefusal, type Proposal, proposeRights } from "./propose-rights.ts";

const heard = (pattern: string, more: Partial<HeardRefusal> = {}): HeardRefusal => ({
  pattern,
  evidence: `tried ${pattern}`,
  during: "while x ran",
  ...more,
});
const propose = (refusals: readonly HeardRefusal[], requested: readonly string[] = []): Proposal =>
  proposeRights(
    refusals,
    requested.map((pattern) => parsePattern(pattern)),
    () => undefined,
  );
const patterns = ({ proposed }: Proposal): readonly string[] =>
  proposed.map(({ pattern }) => pattern);

describe("proposeRights", () => {
  it("proposes what was refused, once, with what was seen", () => {
    const { proposed } = propose([
      heard("filesystem.read./srv/a/x"),
      heard("filesystem.read./srv/a/x", { during: "while it started" }),
    ]);
    expect(proposed).toEqual([
      {
        pattern: "filesystem.read./srv/a/x",
        isWidened: false,
        evidence: [
          "tried filesystem.read./srv/a/x (while x ran)",
          "tried filesystem.read./srv/a/x (while it started)",
        ],
      },
    ]);
  });

  it("proposes a star from the third neighbour on, and says so", () => {
    const files = ["x", "y", "z"].map((name) => heard(`filesystem.read./srv/a/${name}`));
    expect(patterns(propose(files.slice(1)))).toEqual([
      "filesystem.read./srv/a/y",
      "filesystem.read./srv/a/z",
    ]);
    expect(propose(files).proposed).toMatchObject([
      { pattern: "filesystem.read./srv/a/*", isWidened: true },
    ]);
    const hosts = ["a", "b", "c"].map((name) => heard(`net.connect.${name}.example.org:443`));
    expect(patterns(propose(hosts))).toEqual(["net.connect.*.example.org:443"]);
  });

  it.for([
    [
      "folders directly below the root",
      ["/etc", "/srv", "/opt"].map((path) => `filesystem.read.${path}`),
    ],
    [
      "files of a folder directly below the root",
      ["a", "b", "c"].map((name) => `filesystem.read./etc/${name}`),
    ],
    ["programs", ["a", "b", "c"].map((name) => `exec.run./usr/bin/${name}`)],
    [
      "names of a whole top-level domain",
      ["a", "b", "c"].map((name) => `net.connect.${name}.org:443`),
    ],
    ["addresses", ["1", "2", "3"].map((last) => `net.connect.192.0.2.${last}:443`)],
    ["ports of a name", ["1", "2", "3"].map((port) => `net.connect.a.example.org:${port}`)],
    ["other capabilities", ["a", "b", "c"].map((name) => `sessions.${name}`)],
  ] as const)("never widens %s", ([, refused]) => {
    const wide = propose(refused.map((pattern) => heard(pattern)));
    expect(patterns(wide)).toEqual(refused.toSorted());
  });

  it("leaves out what the manifest asks for already, and what a wider right covers", () => {
    const refused = ["/srv/a/x", "/srv/a/b/*", "/srv/c"].map((path) =>
      heard(`filesystem.read.${path}`),
    );
    expect(
      patterns(
        propose([...refused, heard("filesystem.write./srv/a/*")], ["filesystem.read./srv/c"]),
      ),
    ).toEqual(["filesystem.write./srv/a/*"]);
  });

  it("proposes nothing for what was only looked for, cannot be granted, or is no pattern", () => {
    const { proposed, ungrantable, lookups } = propose([
      heard("filesystem.read./etc/a", { isLookup: true }),
      heard("filesystem.write./etc/b", { obstacle: "programs stand there" }),
      heard("..no pattern"),
      { evidence: "tried a socket", during: "while it started" },
    ]);
    expect(proposed).toEqual([]);
    expect(lookups).toEqual(["tried filesystem.read./etc/a (while x ran)"]);
    expect(ungrantable).toEqual([
      { evidence: "tried filesystem.write./etc/b (while x ran)", reason: "programs stand there" },
      { evidence: "tried ..no pattern (while x ran)", reason: "no grant opens it" },
      { evidence: "tried a socket (while it started)", reason: "no grant opens it" },
    ]);
  });

  it("keeps the manifest's own word against a right", () => {
    const { proposed, ungrantable } = proposeRights(
      [heard("sessions.read")],
      [],
      () => "denied there",
    );
    expect(proposed).toEqual([]);
    expect(ungrantable).toMatchObject([{ reason: "denied there" }]);
  });

  it("covers everything that was refused, with nothing that could be left out", () => {
    const segment = fc.constantFrom("a", "b", "c", "d", "e");
    const path = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join("/")}`);
    const pattern = fc.oneof(
      fc
        .tuple(fc.constantFrom("read", "write"), path, fc.boolean())
        .map(([verb, place, tree]) => `filesystem.${verb}.${place}${tree ? "/*" : ""}`),
      path.map((place) => `exec.run.${place}`),
      fc
        .tuple(segment, segment, fc.constantFrom(80, 443))
        .map(([host, domain, port]) => `net.connect.${host}.${domain}.org:${port}`),
    );
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 30 }), (refused) => {
        const proposed = patterns(propose(refused.map((one) => heard(one))));
        // What may be changed may be read: the sandbox knows no other way.
        const granted = CapabilitySet.from([
          ...proposed,
          ...proposed
            .filter((one) => one.startsWith("filesystem.write."))
            .map((one) => one.replace("write", "read")),
        ]);
        expect(granted.excess(CapabilitySet.from(refused))).toEqual([]);
        expect(CapabilitySet.from(proposed).redundant()).toEqual([]);
        const stars = proposed.filter((one) => one.includes("*") && !refused.includes(one));
        for (const star of stars) {
          const covered = refused.filter((one) =>
            CapabilitySet.from([star]).covers(CapabilitySet.from([one])),
          );
          expect(new Set(covered).size).toBeGreaterThanOrEqual(3);
        }
      }),
      { numRuns: 300 },
    );
  });
});
