import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy } from "./policy.ts";
import { renderSeatbelt } from "./seatbelt.ts";
import { compile, request } from "./testing/requests.ts";

const rendered = (grants: readonly string[], readDeny: readonly string[] = []) =>
  renderSeatbelt(compilePolicy(request({ grants, readDeny, platform: "darwin" })));

const shape = (first: string, second: string) =>
  compile({
    grants: [`filesystem.read./a/${first}/*`, `filesystem.write./b/${second}/*`],
    readDeny: [`/a/${first}/z`],
    platform: "darwin",
  });

describe("a profile", () => {
  it("denies everything that no line allows", () => {
    const { profile, params } = rendered([]);
    expect(profile.split("\n").slice(0, 2)).toEqual(["(version 1)", "(deny default)"]);
    expect(params).toEqual({ P0: "/srv/store/echo" });
  });

  it("allows no network, also where a destination is granted", () => {
    expect(rendered(["net.connect.api.example.org:443"]).profile).not.toContain("network");
  });

  it("lets exec grants run, and files that may only be read not", () => {
    const read = rendered(["filesystem.read./opt/tool"]).profile;
    const run = rendered(["exec.run./opt/tool"]).profile;
    expect(read).not.toContain(`(allow process-exec (literal (param "P0"))`);
    expect(run).toContain(`(allow process-exec (literal (param "P2")))`);
  });

  it("denies a masked path after whatever allowed it", () => {
    const { profile, params } = rendered(["filesystem.write./out/*"], ["/out/secret"]);
    const lines = profile.trim().split("\n");
    const [mask] = lines.slice(-1);
    expect(mask).toBe(`(deny file-read* file-write* process-exec (subpath (param "P2")))`);
    expect(params["P2"]).toBe("/out/secret");
  });

  it("is the same text for any two policies of one shape, and holds no path of them", () => {
    const segment = fc
      .string({ unit: "grapheme", minLength: 1 })
      .map((text) => `x${text.replaceAll(/[/*%\\]/g, "")}`);
    const plain = renderSeatbelt(shape("x", "x")).profile;
    fc.assert(
      fc.property(segment, segment, (first, second) => {
        fc.pre(
          [first, second].every(
            (text) => text === text.normalize("NFC") && !/[\p{C}\p{Z}]/u.test(text),
          ),
        );
        const { profile, params } = renderSeatbelt(shape(first, second));
        expect(profile).toBe(plain);
        expect(Object.values(params)).toContain(`/a/${first}`);
      }),
    );
  });
});
