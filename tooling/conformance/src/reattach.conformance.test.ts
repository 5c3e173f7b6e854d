import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { CallChunk } from "@sigilrt/lifecycle";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import { parseReattach, type ReattachTicket } from "@sigilrt/protocol";
import { describe, expect, it } from "vitest";
import { call, structuredOf } from "../fixtures/plugin-sdk/hosted-plugin.ts";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";

/** A plugin of our SDK that a person started to debug it. */
async function debugged() {
  const args = ["--conditions=@sigilrt/source", fixture("plugin.ts")];
  const env = { PATH: process.env["PATH"], SIGIL_PLUGIN_DEBUG: "1" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const ticket = parseReattach(String(line)).get("fixture");
  if (ticket === undefined) throw new Error(`The plugin printed no ticket, but ${line}`);
  const exited = once(child, "exit");
  const dispose = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return { child, ticket, exited, [Symbol.asyncDispose]: dispose };
}

async function attached(ticket: ReattachTicket) {
  const host = createProcessHost({ runner: unconfinedRunner(), graces: { shutdownMs: 5000 } });
  try {
    const plugin = await host.attach(ticket);
    return { plugin, host, [Symbol.asyncDispose]: () => host.close() };
  } catch (error) {
    await host.close();
    throw error;
  }
}

const echoed = (chunks: readonly CallChunk[]): unknown => structuredOf(chunks);

describe("a plugin started with SIGIL_PLUGIN_DEBUG=1", () => {
  it("is attached to by one host after the other, and outlives them", async () => {
    await using run = await debugged();
    expect(run.ticket).toMatchObject({ version: 1, pid: run.child.pid, isTest: true });
    for (const text of ["one", "two"]) {
      // oxlint-disable-next-line no-await-in-loop -- one host after the other
      await using host = await attached(run.ticket);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(echoed(await call(host.plugin, "echo", { text }))).toEqual({ text });
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await host.plugin.close()).toMatchObject({ cause: "requested" });
    }
    expect(run.child.exitCode).toBe(null);
    run.child.kill("SIGINT");
    expect(await run.exited).toEqual([0, null]);
  });

  it("is ended by a host whose ticket allows it, and no later than by its start time", async () => {
    await using run = await debugged();
    await using host = await attached({ ...run.ticket, isTest: false });
    await host.plugin.close();
    expect(await run.exited).toEqual([0, null]);
    await expect(attached(run.ticket)).rejects.toMatchObject({ code: "REATTACH_REFUSED" });
  });

  it.runIf(process.platform === "linux")("is not taken for another of its id", async () => {
    await using run = await debugged();
    const stranger = { ...run.ticket, startTime: "1", isTest: false };
    await expect(attached(stranger)).rejects.toMatchObject({
      name: "ProcessHostError",
      code: "REATTACH_REFUSED",
      phase: "prepare",
    });
    expect(run.child.exitCode).toBe(null);
  });

  it("gets no signal by a ticket that does not say when it began", async () => {
    await using run = await debugged();
    const { version, pid, address } = run.ticket;
    await using host = await attached({ version, pid, address, isTest: false });
    await host.plugin.close({ graces: { shutdownMs: 0, terminateMs: 0 } });
    await using other = await attached(run.ticket);
    expect(echoed(await call(other.plugin, "echo", { a: 1 }))).toEqual({ a: 1 });
  });

  it.each([
    ["no socket", (ticket: ReattachTicket) => ({ ...ticket, address: "/dev/null" })],
    ["nothing", (ticket: ReattachTicket) => ({ ...ticket, address: "/no/such/socket" })],
  ])("is not attached to where %s is", async (_, change) => {
    await using run = await debugged();
    await expect(attached(change(run.ticket))).rejects.toMatchObject({ code: "ADDRESS_REFUSED" });
  });

  it("is refused when it serves no version that is offered", async () => {
    await using run = await debugged();
    await expect(attached({ ...run.ticket, version: 2 })).rejects.toMatchObject({
      code: "REATTACH_REFUSED",
    });
  });
});
