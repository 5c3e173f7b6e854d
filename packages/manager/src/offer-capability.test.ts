import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resourceCapability } from "./offer-capability.ts";

describe("the capability of a resource", () => {
  it.each([
    ["test://static-text", "resource.p.test:.static-text"],
    ["test://template/7/data", "resource.p.test:.template./7/data"],
    ["file:///data/a b", "resource.p.file:./data/a b"],
    ["https://a.example:8443/x?y=1#z", "resource.p.https:.a.example:8443./x?y=1#z"],
    ["urn:isbn:1", "resource.p.urn./isbn:1"],
  ])("of %s names scheme, place and path", (uri, capability) => {
    expect(resourceCapability("p", uri)).toBe(capability);
  });

  it.each([
    ["a way up", "file:///data/../etc/passwd"],
    ["a way up in a template", "test://template/7/../8"],
    ["an empty segment", "file:///data//x"],
    ["a star as the place", "test://*"],
    ["a query in place of a path", "test://a?b"],
    ["no scheme", "data/x"],
    ["nothing", ""],
    ["a scheme that would be two names", "a.b://c"],
    ["a control character", "test://a/\u0000"],
    ["a backslash", "file:///data\\x"],
  ])("does not exist for %s", (_what, uri) => {
    expect(resourceCapability("p", uri)).toBeUndefined();
  });

  it("is written so that a star is no star and a percent sign stays one", () => {
    expect(resourceCapability("p", "file:///a*/b%2A")).toBe("resource.p.file:./a%2A/b%252A");
  });

  it("is never the same for two URIs", () => {
    const part = fc.constantFrom("a", "b", ".", ":", "/", "//", "?", "#", "%", "%25", "*", "%2A");
    const uri = fc
      .tuple(fc.constantFrom("a:", "a://", "b:", "b:///"), fc.array(part, { maxLength: 6 }))
      .map(([scheme, parts]) => `${scheme}${parts.join("")}`);
    fc.assert(
      fc.property(uri, uri, (left, right) => {
        const [one, other] = [resourceCapability("p", left), resourceCapability("p", right)];
        expect(left === right || one === undefined || one !== other).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});
