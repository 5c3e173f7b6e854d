import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { type Model, runAgent } from "./agent-loop.ts";
import { codeLinesOf, makeCuriousFolder } from "./fixtures/curious-folder.ts";
import { openMinimalGateway } from "./minimal.ts";

const ada = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.curious.environment"],
};

describeWith(["bwrap", "prlimit"], "a gateway in an agent's loop", () => {
  it("has sixty lines of code at most", () => {
    expect(codeLinesOf("agent-loop.ts")).toBeLessThanOrEqual(60);
  });

  it("lets a model use what its person may, refuses the rest, and has both on record", async () => {
    await using place = await makeCuriousFolder();
    const gateway = await openMinimalGateway(place);
    await gateway.discover();
    const seen: (readonly string[])[] = [];
    const told: string[] = [];
    const model: Model = async (messages, tools) => {
      seen.push(tools.map(({ plugin, name }) => `${plugin}.${name}`));
      const last = messages.at(-1);
      if (last?.role === "tool") told.push(last.text);
      // It tries a tool that it was never shown, as one does that was talked into it.
      if (messages.length === 1) {
        const path = join(place.folder, "secret.txt");
        return { kind: "call", tool: "curious.read", arguments: { path } };
      }
      if (messages.length === 2)
        return { kind: "call", tool: "curious.environment", arguments: {} };
      return { kind: "answer", text: "done" };
    };
    expect(await runAgent(gateway, ada, "What is in your environment?", model)).toBe("done");
    expect(new Set(seen.map((tools) => tools.join()))).toEqual(new Set(["curious.environment"]));
    expect(told).toEqual(["denied: not_allowed", expect.stringContaining("GREETING")]);
    await gateway.close();
    const { records } = await place.audit.query({ plugin: "curious", actor: "ada" });
    expect(records.map(({ action, result }) => `${action} ${result}`).toReversed()).toEqual([
      "capability_check denied",
      "capability_check allowed",
      "call.completed ok",
    ]);
  });

  it("ends with a model that never does", async () => {
    await using place = await makeCuriousFolder();
    const gateway = await openMinimalGateway(place);
    await gateway.discover();
    const model: Model = async () => ({ kind: "call", tool: "no.such", arguments: {} });
    expect(await runAgent(gateway, ada, "Go on", model)).toBe("stopped after 8 turns");
    await gateway.close();
  });
});
