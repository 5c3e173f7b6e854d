import type { AuditRecord } from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";
import type { AdminDesk } from "./admin-desk.ts";
import { SecretError } from "../secrets/secret-error.ts";
import { type AdminAnswer, answerAdmin } from "./admin-routes.ts";

/** A desk that knows plugin `demo` and notes what it is asked. */
function notingDesk(): { readonly desk: AdminDesk; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const plugin = { name: "demo", state: "running", crashes: 0 };
  const desk: AdminDesk = {
    list: () => [plugin],
    inspect: (name) =>
      name === "demo" ? { ...plugin, allow: [], except: [], warnings: [] } : undefined,
    logs: (name, { follow }) => {
      asked.push(["logs", name, follow]);
      return name === "demo" ? (async function* () {})() : undefined;
    },
    act: async (name, act, options) => {
      asked.push([act, name, options]);
      return name === "demo" ? { plugin: name, outcome: "stopped" } : undefined;
    },
    approved: async (name) => ({ plugin: name, outcome: "replaced" }),
    reloadConfiguration: async () => ({ changed: true, digest: "00" }),
    secrets: async () => [{ plugin: "demo", name: "token", declared: true, required: true }],
    changeSecret: async (change) => {
      asked.push(change);
      if (change.plugin === "ghost") throw new SecretError("Cannot keep a secret: no such plugin");
      return { plugin: change.plugin, outcome: "started" };
    },
    record: async (records: readonly AuditRecord[]) => void asked.push(records),
  };
  return { desk, asked };
}

const ask = (
  desk: AdminDesk,
  method: string,
  target: string,
  body?: unknown,
): Promise<AdminAnswer> =>
  answerAdmin(desk, { method, target, body, signal: new AbortController().signal });

const consent = {
  action: "consent.given",
  actor: "ada",
  plugin: "demo",
  result: "ok",
  reason: "ok",
  detail: { digest: "tree1-sha256:00" },
};

describe("the routes of administration", () => {
  it.each([
    ["GET", "/v1/plugins", undefined, { status: 200, body: [{ name: "demo" }] }],
    ["GET", "/v1/plugins/demo", undefined, { status: 200, body: { name: "demo", allow: [] } }],
    ["POST", "/v1/plugins/demo/stop", {}, { status: 200, body: { outcome: "stopped" } }],
    ["POST", "/v1/plugins/demo/approved", {}, { status: 200, body: { outcome: "replaced" } }],
    ["POST", "/v1/records", { records: [consent] }, { status: 200, body: {} }],
    ["POST", "/v1/configuration/reload", {}, { status: 200, body: { changed: true } }],
    ["GET", "/v1/secrets", undefined, { status: 200, body: [{ name: "token" }] }],
    ["POST", "/v1/plugins/demo/secrets/token", {}, { status: 200, body: { outcome: "started" } }],
    [
      "POST",
      "/v1/plugins/ghost/secrets/token",
      {},
      { status: 400, body: { error: { code: "SECRET_REFUSED" } } },
    ],
  ])("answer %s %s", async (method, target, body, expected) => {
    expect(await ask(notingDesk().desk, method, target, body)).toMatchObject(expected);
  });

  it("tell the desk of every act, and of nothing that was not asked", async () => {
    const { desk, asked } = notingDesk();
    await ask(desk, "POST", "/v1/plugins/demo/start", { clear_quarantine: true });
    await ask(desk, "POST", "/v1/plugins/demo/start", {});
    await ask(desk, "POST", "/v1/plugins/demo/reload", {});
    await ask(desk, "POST", "/v1/plugins/demo/rollback", {});
    await ask(desk, "GET", "/v1/plugins/demo/logs?follow=1");
    await ask(desk, "GET", "/v1/plugins/demo/logs");
    expect(asked).toEqual([
      ["start", "demo", { clearQuarantine: true }],
      ["start", "demo", { clearQuarantine: false }],
      ["reload", "demo", { clearQuarantine: false }],
      ["rollback", "demo", { clearQuarantine: false }],
      ["logs", "demo", true],
      ["logs", "demo", false],
    ]);
  });

  it.each([
    ["GET", "/", 404, "NO_ROUTE"],
    ["GET", "/v1", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/demo/", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/../records", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/%64emo", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/DEMO", 404, "NO_ROUTE"],
    ["GET", `/v1/plugins/${"a".repeat(65)}`, 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/demo\n", 404, "NO_ROUTE"],
    ["GET", "http://sigil-admin/v1/plugins", 404, "NO_ROUTE"],
    ["GET", "", 404, "NO_ROUTE"],
    ["POST", "/v1/plugins/demo/run", 404, "NO_ROUTE"],
    ["POST", "/v1/plugins/demo/constructor", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/demo/secrets", 404, "NO_ROUTE"],
    ["POST", "/v1/plugins/demo/secrets/../token", 404, "NO_ROUTE"],
    ["POST", "/v1/plugins/demo/secrets/Token", 404, "NO_ROUTE"],
    ["GET", "/v1/plugins/demo/secrets/token", 405, "WRONG_METHOD"],
    ["POST", "/v1/plugins", 405, "WRONG_METHOD"],
    ["GET", "/v1/plugins/demo/stop", 405, "WRONG_METHOD"],
    ["get", "/v1/plugins", 405, "WRONG_METHOD"],
    ["HEAD", "/v1/plugins", 405, "WRONG_METHOD"],
    ["DELETE", "/v1/plugins/demo", 405, "WRONG_METHOD"],
    ["GET", "/v1/plugins?all", 400, "MALFORMED"],
    ["GET", "/v1/plugins/demo/logs?follow=yes", 400, "MALFORMED"],
    ["GET", "/v1/plugins/ghost", 404, "PLUGIN_NOT_FOUND"],
    ["GET", "/v1/plugins/ghost/logs", 404, "PLUGIN_NOT_FOUND"],
  ])("refuse %s %j: %i %s", async (method, target, status, code) => {
    const { desk, asked } = notingDesk();
    const answer = await ask(desk, method, target, undefined);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(asked.filter((one) => !String(one).startsWith("logs"))).toEqual([]);
  });

  it.each([
    ["/v1/plugins/demo/stop", undefined],
    ["/v1/plugins/demo/stop", null],
    ["/v1/plugins/demo/stop", []],
    ["/v1/plugins/demo/stop", { clear_quarantine: true }],
    ["/v1/plugins/demo/start", { clear_quarantine: false }],
    ["/v1/plugins/demo/start", { clear_quarantine: 1 }],
    ["/v1/plugins/demo/start", { clearQuarantine: true }],
    ["/v1/plugins/demo/start", JSON.parse('{"__proto__":{"clear_quarantine":true},"x":1}')],
    ["/v1/plugins/demo/secrets/token", { value: "not base64!" }],
    ["/v1/plugins/demo/secrets/token", { value: "a".repeat(32_772) }],
    ["/v1/plugins/demo/secrets/token", { value: null }],
    ["/v1/records", {}],
    ["/v1/records", { records: [] }],
    ["/v1/records", { records: Array.from({ length: 5 }, () => consent) }],
    ["/v1/records", { records: [{ ...consent, action: "capability_check" }] }],
    ["/v1/records", { records: [{ ...consent, action: "audit.resealed" }] }],
    ["/v1/records", { records: [{ ...consent, actor: "system:manager" }] }],
    ["/v1/records", { records: [{ ...consent, actor: "operator:0" }] }],
    ["/v1/records", { records: [{ ...consent, actor: "ada\n" }] }],
    ["/v1/records", { records: [{ ...consent, actor: "" }] }],
    ["/v1/records", { records: [{ ...consent, plugin: "../x" }] }],
    ["/v1/records", { records: [{ ...consent, result: "allowed" }] }],
    ["/v1/records", { records: [{ ...consent, reason: "Anything At All" }] }],
    ["/v1/records", { records: [{ ...consent, decision: "forged" }] }],
    ["/v1/records", { records: [{ ...consent, detail: { digest: "x".repeat(1_025) } }] }],
  ])("refuse a malformed body of %s: %j", async (target, body) => {
    const { desk, asked } = notingDesk();
    expect(await ask(desk, "POST", target, body)).toMatchObject({
      status: 400,
      body: { error: { code: "MALFORMED" } },
    });
    expect(asked).toEqual([]);
  });

  it("pass on what a store of records threw", async () => {
    const { desk } = notingDesk();
    const full = { ...desk, act: () => Promise.reject(new Error("disk full")) };
    await expect(ask(full, "POST", "/v1/plugins/demo/stop", {})).rejects.toThrow("disk full");
  });
});
