import fc from "fast-check";
import type { FakeTool } from "@sigilrt/lifecycle/testing";
import { describe, expect, it } from "vitest";
import { type Gateway, openGateway, openWire, userWith } from "./fixtures/gateway.ts";
import { legacyRequest } from "./fixtures/messages.ts";
import { saying } from "./fixtures/tools.ts";

const names = ["files.read", "files.wipe", "mail.send", "lazy.run"];
const strangers = ["files.none", "none.run", "run", "files.", ".read", "lazy.none", "files.read.x"];
const patterns = fc.array(
  fc.constantFrom(...names.map((name) => `tool.${name}`), "tool.files.*", "tool.*", "tool.lazy.*"),
  { maxLength: 4 },
);
let lazyCalls = 0;
const run: FakeTool = async function* run() {
  lazyCalls += 1;
  yield { kind: "result", isError: false };
};

interface Seen {
  readonly listed: readonly string[];
  readonly called: readonly string[];
  /** Every other answer. */
  readonly refusals: readonly string[];
}

async function ask(gateway: Gateway, principal: ReturnType<typeof userWith>): Promise<Seen> {
  const wire = openWire(gateway, principal);
  wire.say(legacyRequest("tools/list", {}, "list"));
  const { result } = (await wire.next()) as { result: { tools: { name: string }[] } };
  const listed = result.tools.map(({ name }) => name);
  const called: string[] = [];
  const refusals: string[] = [];
  for (const name of [...names, ...strangers]) {
    wire.say(legacyRequest("tools/call", { name, arguments: {} }, "call"));
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const answer = await wire.next();
    if ("result" in answer) called.push(name);
    else refusals.push(JSON.stringify(answer));
  }
  wire.input.end();
  await wire.served;
  return { listed, called, refusals };
}

const unknown = '{"jsonrpc":"2.0","id":"call","error":{"code":-32602,"message":"Unknown tool"}}';

describe("what is listed", () => {
  it("is exactly what can be called, whatever was granted", async () => {
    await using gateway = await openGateway({
      plugins: {
        files: { tools: { wipe: saying("w"), read: saying("r") } },
        mail: { tools: { send: saying("s") } },
        lazy: { tools: { run } },
      },
      lazy: ["lazy"],
    });
    await fc.assert(
      fc.asyncProperty(patterns, patterns, async (permissions, workspaceAllow) => {
        const principal = { ...userWith(permissions), workspaceAllow };
        const { listed, called, refusals } = await ask(gateway, principal);
        expect(called).toEqual(listed);
        expect(new Set([...refusals, unknown])).toEqual(new Set([unknown]));
      }),
    );
    // A plugin whose tools nobody knows yet is not started by a guess.
    expect(lazyCalls).toBe(0);
    expect(gateway.manager.get("lazy").state).toBe("discovered");
  });
});
