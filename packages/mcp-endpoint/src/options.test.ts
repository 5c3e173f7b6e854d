import { createMcpEndpoint, type McpEndpointOptions } from "@sigilrt/mcp-endpoint";
import { describe, expect, it } from "vitest";

const options: McpEndpointOptions = {
  tokens: { verify: () => Promise.resolve(undefined) },
  hosts: ["localhost", "tools.example:8443", "[::1]"],
};
const make = (more: object) => () => createMcpEndpoint({} as never, { ...options, ...more });

describe("an MCP endpoint", () => {
  it.each([
    ["without a token verifier", { tokens: undefined }],
    ["without hosts", { hosts: undefined }],
    ["with an empty list of hosts, which would be no check at all elsewhere", { hosts: [] }],
    ["with a URL for a host", { hosts: ["http://localhost"] }],
    ["with a star for a host", { hosts: ["*"] }],
  ])("is not made %s", (_what, more) => {
    expect(make({})).not.toThrow();
    expect(make(more)).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "is not made with %s for a limit",
    (value) => {
      expect(make({ limits: { requests: value } })).toThrow(RangeError);
    },
  );

  it("is not made without options", () => {
    expect(() => createMcpEndpoint({} as never, undefined as never)).toThrow(TypeError);
  });
});
