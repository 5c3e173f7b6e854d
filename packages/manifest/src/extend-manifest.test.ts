import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestedCapabilities } from "./capabilities.ts";
import { extendManifest } from "./extend-manifest.ts";
import { parseManifest } from "./parse.ts";

const base = "name: demo\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\n";
const read = { pattern: "filesystem.read./srv/a.txt", description: "it reads it" };

describe("extendManifest", () => {
  it("adds rights with their reasons and leaves the author's text and comments alone", () => {
    const text = `# mine\n${base}capabilities:\n  # rights\n  - sessions.read # why\n`;
    expect(extendManifest(text, [read])).toBe(
      `# mine\n${base}capabilities:\n  # rights\n  - sessions.read # why\n  - pattern: filesystem.read./srv/a.txt\n    description: it reads it\n`,
    );
  });

  it.for(["", "capabilities:\n", "capabilities: []\n", "capabilities: null # none\n"])(
    "adds the first rights to %j",
    (rights) => {
      const manifest = parseManifest(extendManifest(base + rights, [read]));
      expect(manifest.capabilities).toEqual([read.pattern]);
      expect(manifest.rationale).toMatchObject({ [read.pattern]: read.description });
    },
  );

  it("takes a manifest that is written in braces", () => {
    const text = `{ name: demo, version: 1.0.0, type: tool, execution: { tier: process }, capabilities: [sessions.read] }`;
    const { capabilities } = parseManifest(extendManifest(text, [read]));
    expect(capabilities).toEqual(["sessions.read", read.pattern]);
  });

  it("refuses a right that a denial of the manifest overlaps, with the witness", () => {
    const text = `${base}deny_capabilities: [filesystem.read./srv/*]\n`;
    expect(() => extendManifest(text, [read])).toThrow(/capability\.conflict/u);
  });

  it.for([["*"], ["filesystem.read../x"], ["net.connect.*.7:443"]])(
    "refuses %s, which no manifest may ask for",
    ([pattern = ""]) => {
      expect(() => extendManifest(base, [{ pattern, description: "all" }])).toThrow(/capabilit/u);
    },
  );

  it("refuses a text that is no manifest, and one that would grow too long", () => {
    expect(() => extendManifest("name: demo", [])).toThrow(/version/u);
    const many = Array.from({ length: 129 }, (_, index) => ({
      pattern: `filesystem.read./srv/${index}`,
      description: "more",
    }));
    expect(() => extendManifest(base, many)).toThrow(/field\.count/u);
  });

  it("changes nothing but what is asked for, whatever the reasons hold", () => {
    const reason = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => /\S/u.test(text));
    fc.assert(
      fc.property(fc.array(reason, { minLength: 1, maxLength: 4 }), (reasons) => {
        const added = reasons.map((description, index) => ({
          pattern: `filesystem.read./srv/${index}`,
          description,
        }));
        const before = parseManifest(base);
        const after = parseManifest(extendManifest(base, added));
        expect(requestedCapabilities(after).map(({ pattern }) => pattern)).toEqual(
          added.map(({ pattern }) => pattern),
        );
        expect({ ...after, capabilities: [], rationale: {}, warnings: [] }).toEqual({
          ...before,
          capabilities: [],
          rationale: {},
          warnings: [],
        });
      }),
    );
  });
});
