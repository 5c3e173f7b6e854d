import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditRecord } from "@sigilrt/enforcer";
import { CapabilitySet } from "@sigilrt/capability";
import type { Principal } from "@sigilrt/manager";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { limitCalls } from "./call-limits.ts";
import { readConfiguration } from "./configuration.ts";
import { type LiveConfiguration, liveConfiguration } from "./live-configuration.ts";
import { livePrincipals, type LivePrincipals } from "./principals.ts";

let folder: string;
let live: LiveConfiguration;
let people: LivePrincipals;
let folders: string[];
let records: AuditRecord[];
let isFull: boolean;
let look: () => Promise<unknown>;
let limited: () => boolean;

const write = (more: string, head = "data: data\n"): void =>
  writeFileSync(join(folder, "gateway.yaml"), `${head}${more}`);
const home = "workspaces: { home: { allow: [tool.*] } }\n";
const ada = { user: "ada", workspace: "home" };
const may = (principal: Principal | undefined): boolean =>
  principal?.permissions instanceof CapabilitySet && principal.permissions.contains("tool.a.b");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "live-"));
  write(`${home}users: { ada: { permissions: [tool.*], workspaces: [home] } }\n`);
  const first = await readConfiguration(join(folder, "gateway.yaml"));
  [folders, records, isFull] = [[], [], false];
  look = async () => undefined;
  people = livePrincipals(first);
  const limiter = limitCalls(first.limits, { now: () => 0 });
  const principal = { ...ada, workspaceAllow: ["tool.*"], permissions: ["tool.*"] };
  limited = () => {
    const answer = limiter.guard({ plugin: "a", tool: "b", arguments: {}, principal });
    return "ok" in answer && !answer.ok;
  };
  live = liveConfiguration(first, {
    principals: people,
    limiter,
    folders,
    look: () => look(),
    audit: {
      async append(added) {
        if (isFull) throw new Error("disk full");
        records.push(...added);
        return [];
      },
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the configuration of a gateway that runs", () => {
  it("is exchanged whole, on record before its effect, also for who is connected", async () => {
    const connected = people.follow(ada);
    expect([may(connected), people.find({ user: "ben", workspace: "home" })]).toEqual([
      true,
      undefined,
    ]);
    write(
      `${home}users: { ben: { permissions: [tool.*], workspaces: [home] } }\nlimits: { rate: { gateway: 1 } }\nplugins: { notes: { path: p/notes } }\n`,
    );
    look = async () => {
      expect([may(connected), records.length]).toEqual([true, 1]);
    };
    expect(await live.reload()).toMatchObject({ changed: true });
    expect([may(connected), people.find(ada)]).toEqual([false, undefined]);
    expect(may(people.find({ user: "ben", workspace: "home" }))).toBe(true);
    expect([limited(), limited()]).toEqual([false, true]);
    expect(folders).toEqual([join(folder, "p/notes")]);
    expect(records).toMatchObject([
      { action: "config.changed", result: "ok", detail: { sha256: live.current.digest } },
    ]);
  });

  it.each([
    ["a key that is not known", `${home}user: {}\n`, undefined, 'did you mean "users"'],
    ["text that is no YAML", "}{", undefined, "gateway.yaml:"],
    ["another data folder", home, "data: elsewhere\n", "data changed, which needs a new start"],
    ["another port", `${home}listen: { port: 99 }\n`, undefined, "listen changed"],
    [
      "a weaker log",
      `${home}audit: { durability: none }\n`,
      undefined,
      "audit changed, which needs a new start",
    ],
  ])("stays what it was for %s", async (_what, text, head, message) => {
    const before = live.current;
    write(text, head);
    await expect(live.reload()).rejects.toThrow(message);
    expect([live.current === before, may(people.find(ada))]).toEqual([true, true]);
    expect(records).toMatchObject([{ action: "config.changed", result: "failed" }]);
  });

  it("stays what it was when it cannot be recorded, or the plugins cannot be looked at", async () => {
    const before = live.current;
    write(`${home}plugins: { notes: { path: p/notes } }\n`);
    isFull = true;
    await expect(live.reload()).rejects.toThrow("disk full");
    isFull = false;
    look = () => Promise.reject(new Error("the lock is refused"));
    await expect(live.reload()).rejects.toThrow("the lock is refused");
    expect([live.current === before, may(people.find(ada)), folders]).toEqual([true, true, []]);
  });

  it("says when the file is what is in force, and records nothing", async () => {
    expect(await live.reload()).toEqual({ changed: false, digest: live.current.digest });
    expect(records).toEqual([]);
  });

  it("is exchanged one after the other", async () => {
    write(`${home}plugins: { one: { path: one } }\n`);
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    look = async () => {
      order.push("begins");
      await first.promise;
      order.push("ends");
    };
    const reloads = [live.reload(), live.reload()];
    first.resolve();
    expect(await Promise.all(reloads)).toMatchObject([{ changed: true }, { changed: false }]);
    expect(order).toEqual(["begins", "ends"]);
  });
});
