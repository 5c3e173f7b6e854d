import { basename } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergedLayout } from "./layout.ts";
import { SandboxError } from "./sandbox-error.ts";
import { readOptions } from "./testing/bwrap-grammar.ts";
import { darwin, generate, linux, manifest } from "./testing/manifests.ts";
import { codeOf } from "./testing/thrown.ts";

/** The last item of the command, by the independent reader. */
const lastOf = (call: () => readonly string[]): string => {
  try {
    return readOptions(call().slice(1)).command.at(-1) ?? "";
  } catch (error) {
    if (error instanceof SandboxError) return "refused";
    throw error;
  }
};

describe("the bug fixes of the first review stay fixed:", () => {
  it("keeps a path from adding a rule to the profile", () => {
    const path = '/private/tmp/x") (allow default) (deny file-read-data (literal "';
    const [, , profile] = generate(
      manifest({ filesystem: { writeAllow: [path] } }),
      "/opt/echo/main",
      darwin,
    );
    const [, , plain] = generate(
      manifest({ filesystem: { writeAllow: ["/private/tmp/x"] } }),
      "/opt/echo/main",
      darwin,
    );
    expect(profile).toBe(plain);
  });

  it("reads a host:port entry as one host and one port, and refuses every other", () => {
    for (const entry of [
      "api.example.org",
      "api.example.org:x",
      ":443",
      "a:1:2",
      "a b:1",
      "A.org:1",
    ]) {
      expect(codeOf(() => generate(manifest({ network: { allow: [entry] } })))).toBe(
        "HOST_REFUSED",
      );
    }
    expect(codeOf(() => generate(manifest({ network: { allow: ["api.example.org:443"] } })))).toBe(
      "nothing",
    );
  });

  it("binds /lib64 only where the system has it", () => {
    const { "/lib64": _, ...links } = mergedLayout.links;
    const layout = { ...mergedLayout, libraries: ["/usr/lib"], links };
    expect(generate(manifest(), "/opt/a", { ...linux, layout }).join(" ")).not.toContain("lib64");
    expect(generate().join(" ")).toContain("lib64");
  });

  it("keeps a dash-prefixed path out of every option position", () => {
    for (const path of ["-x", "--bind", "--", "-x/*"]) {
      expect(codeOf(() => generate(manifest({ filesystem: { writeAllow: [path] } })))).toBe(
        "PATH_REFUSED",
      );
      expect(codeOf(() => generate(manifest({ filesystem: { readDeny: [path] } })))).toBe(
        "PATH_REFUSED",
      );
    }
    const { command } = readOptions(generate(manifest(), "/opt/--bind").slice(1));
    expect(command.slice(-2)).toEqual(["--", "/plugin/--bind"]);
  });

  it("never changes a list of the caller", () => {
    const filesystem = { writeAllow: ["/b/*", "/a/*"], readDeny: ["/b/x"] };
    const network = { allow: ["b.example.org:1", "a.example.org:1"] };
    const asked = { ...manifest({ filesystem, network }), capabilities: ["filesystem.read./c/*"] };
    const before = structuredClone(asked);
    generate(asked);
    generate(asked, "/opt/echo/main", darwin);
    expect(asked).toEqual(before);
    expect(Object.isFrozen(generate(asked))).toBe(true);
  });
});

describe("a manifest", () => {
  it("with destinations and without the proxy is refused", () => {
    const network = { allow: ["api.example.org:443"], proxy: false };
    expect(codeOf(() => generate(manifest({ network })))).toBe("POLICY_REFUSED");
    expect(codeOf(() => generate(manifest({ network: { allow: [], proxy: false } })))).toBe(
      "nothing",
    );
  });

  it("is refused with a typed error, or read back as intended, whatever its strings", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string().map((tail) => `/x/${tail}`),
    );
    fc.assert(
      fc.property(text, text, text, text, (written, denied, host, binary) => {
        const asked = manifest({
          filesystem: { writeAllow: [written], readDeny: [denied] },
          network: { allow: [host] },
        });
        for (const sandbox of [asked, manifest({ filesystem: { writeAllow: [written] } })]) {
          const last = lastOf(() => generate(sandbox, binary));
          expect(["refused", `/plugin/${basename(binary)}`]).toContain(last);
        }
      }),
    );
  });
});
