import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { httpClient, textOf } from "../testing/clients.ts";
import { askPage, type PageAsk, type SignedIn, signInTo } from "../testing/page-client.ts";
import {
  type GatewayFolder,
  makeGatewayFolder,
  runSigilCommand,
  type RunningGateway,
  startGateway,
} from "../testing/start-gateway.ts";

let place: GatewayFolder;
let gateway: RunningGateway;
let origin: string;
let mine: SignedIn;
let usedLink: string;

beforeAll(async () => {
  place = makeGatewayFolder({
    plugins: ["text"],
    adminRights: ["admin.read", "admin.stop.text", "admin.approve.*"],
  });
  gateway = await startGateway(place.config);
  const [address = "", link = ""] = gateway.page.split("/#link=");
  origin = address;
  mine = await signInTo(origin, { link });
  usedLink = link;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const operatorToken = async (user: string): Promise<string> => {
  const made = await runSigilCommand(
    "token",
    "create",
    "--operator",
    "--user",
    user,
    "--config",
    place.config,
  );
  return made.out.trim();
};
const status = async (path: string, ask: PageAsk = {}): Promise<number> =>
  (await askPage(origin, path, { ...ask, headers: { ...mine, ...ask.headers } })).status;

describe("the page's listener", () => {
  it("gives the page to anybody on this machine, and nothing beside its files", async () => {
    const { status: found, headers } = await askPage(origin, "/");
    expect(found).toBe(200);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    for (const path of ["/../package.json", "/page.js/../../x", "//evil.example/", "/%2e%2e/x"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect([path, (await askPage(origin, path)).status]).toEqual([path, 401]);
    }
  });

  it("gives the cookie to nothing but its own requests", async () => {
    const link = (
      await askPage(origin, "/v1/session", { body: { token: await operatorToken("ada") } })
    ).headers["set-cookie"];
    expect(link?.[0]).toMatch(/^sigil_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/u);
  });

  it("takes a link once", async () => {
    await expect(signInTo(origin, { link: usedLink })).rejects.toThrow("is used up");
  });

  it("answers the routes of who is signed in", async () => {
    const { text } = await askPage(origin, "/v1/plugins", { headers: { ...mine } });
    expect(JSON.parse(text)).toMatchObject([
      { name: "text", tier: "wasm", crashes: 0, isolation: { rating: "memory" } },
    ]);
    const inFull = await askPage(origin, "/v1/plugins/text", { headers: { ...mine } });
    expect(JSON.parse(inFull.text)).toMatchObject({
      touches: expect.arrayContaining([expect.stringMatching(/^network +none/u)]),
      granted: expect.arrayContaining([expect.stringContaining("may call the tool text.")]),
    });
  });

  it.each([
    ["nothing", { cookie: undefined, "x-sigil-key": undefined }],
    [
      "the cookie alone, as another port of this machine would have it",
      { "x-sigil-key": undefined },
    ],
    ["the key alone", { cookie: undefined }],
    ["another key", { "x-sigil-key": "A".repeat(43) }],
    ["a cookie of another name", { cookie: "sigil_1=x" }],
  ])("refuses who has %s", async (_, headers) => {
    expect(await status("/v1/plugins", { headers })).toBe(401);
    expect(await status("/v1/decisions", { headers })).toBe(401);
    expect(await status("/metrics", { headers })).toBe(401);
    expect(await status("/v1/plugins/text/stop", { body: {}, headers })).toBe(401);
  });

  it.each([
    ["a name that resolves here (DNS rebinding)", { host: "evil.example" }],
    ["another page's write", { origin: "https://evil.example" }],
    ["a write from another port", { origin: "http://127.0.0.1:1" }],
    ["a write of unknown origin", { origin: undefined }],
    ["what a browser calls foreign", { "sec-fetch-site": "cross-site" }],
  ])("refuses %s, though cookie and key are right", async (_, headers) => {
    const { status: refused, text } = await askPage(origin, "/v1/plugins/text/stop", {
      body: {},
      headers: { ...mine, ...headers },
    });
    expect([refused, JSON.parse(text).error.code]).toEqual([421, "WRONG_HOST"]);
  });

  it("refuses a form's body, a large one, one that is no JSON, and fields it does not know", async () => {
    const stop = "/v1/plugins/text/stop";
    expect(await status(stop, { body: {}, headers: { "content-type": "text/plain" } })).toBe(415);
    expect(await status(stop, { body: { text: "x".repeat(70_000) } })).toBe(413);
    expect(await status(stop, { body: { force: true } })).toBe(400);
    expect(await status("/v1/audit?limit=1")).toBe(400);
    expect(
      await status("/v1/reviews/text/approve", { body: { digest: "x", user: "a\u202eb" } }),
    ).toBe(400);
    expect(
      await status("/v1/reviews/text/approve", { body: { digest: "x", user: "operator:9" } }),
    ).toBe(400);
  });

  it("offers none of the socket's routes that write the record on somebody's word", async () => {
    const records = [
      { action: "consent.given", actor: "ada", plugin: "text", result: "ok", reason: "ok" },
    ];
    expect(await status("/v1/records", { body: { records } })).toBe(404);
    expect(await status("/v1/plugins/text/approved", { body: {} })).toBe(404);
  });

  it("takes no MCP client's token, and MCP no operator's", async () => {
    await expect(signInTo(origin, { token: gateway.token })).rejects.toThrow("does not hold");
    const bearer = { authorization: `Bearer ${gateway.token}` };
    expect((await askPage(origin, "/metrics", { headers: bearer })).status).toBe(401);
    const operator = await operatorToken("ada");
    await expect(httpClient(gateway.address, operator, "2026-07-28")).rejects.toThrow("401");
  });

  it("lets a person do what their permissions say, on record, and records what they may not", async () => {
    const ada = await signInTo(origin, { token: await operatorToken("ada") });
    const asAda = (path: string, body?: unknown): ReturnType<typeof askPage> =>
      askPage(origin, path, { headers: { ...ada }, ...(body === undefined ? {} : { body }) });
    expect((await asAda("/v1/plugins/text/stop", {})).status).toBe(200);
    const refused = await asAda("/v1/plugins/text/start", {});
    expect([refused.status, JSON.parse(refused.text).error.message]).toEqual([
      403,
      "ada lacks the permission admin.start.text",
    ]);
    expect((await asAda("/v1/reviews/text/approve", { digest: "x", user: "ben" })).status).toBe(
      403,
    );
    const { text } = await asAda("/v1/audit?actor=ada");
    const { records }: { records: { capability: string; action: string; result: string }[] } =
      JSON.parse(text);
    expect(
      records.map(({ action, capability, result }) => `${action} ${capability} ${result}`),
    ).toEqual([
      "capability_check admin.start.text denied",
      "call.completed admin.stop.text ok",
      "capability_check admin.stop.text allowed",
      "capability_check admin.session.open allowed",
      "capability_check admin.session.open allowed",
    ]);
  });

  it("ends a session with its token, and with its sign-out", async () => {
    const token = await operatorToken("ada");
    const ada = await signInTo(origin, { token });
    const [, id = ""] = token.split("_");
    rmSync(join(place.data, "keys/operators", `${id}.json`));
    expect((await askPage(origin, "/v1/plugins", { headers: { ...ada } })).status).toBe(401);
    const again = await signInTo(origin, { token: await operatorToken("ada") });
    const left = await askPage(origin, "/v1/session/end", { body: {}, headers: { ...again } });
    expect(left.headers["set-cookie"]?.[0]).toMatch(/Max-Age=0/u);
    expect((await askPage(origin, "/v1/plugins", { headers: { ...again } })).status).toBe(401);
  });

  it("has metrics for a scraper's token with that permission alone", async () => {
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    await textOf(client, "text.count", { text: "one two" });
    await client.close();
    const {
      status: found,
      headers,
      text,
    } = await askPage(origin, "/metrics", { headers: { ...mine } });
    expect([found, headers["content-type"]]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    expect(text).toMatch(/^sigil_plugin_calls_total\{[^}]*outcome="ok"[^}]*\} 1$/mu);
    expect(text).toMatch(/^sigil_http_requests_total\{status="2xx"[^}]*\} \d+$/mu);
    expect(text).toMatch(/^sigil_audit_append_duration_bucket\{[^}]*le="0\.001"\} \d+$/mu);
    expect(text).toMatch(/^sigil_audit_dropped_total\{[^}]*\} 0$/mu);
    const bearer = { authorization: `Bearer ${await operatorToken("ada")}` };
    expect((await askPage(origin, "/metrics", { headers: bearer })).status).toBe(403);
    expect(text).not.toMatch(/"ada"|"studio"/u);
  });

  it("says to anybody on this machine that it is up, and nothing more", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await askPage(origin, path);
      expect([answer.status, answer.text]).toEqual([200, "ok\n"]);
    }
  });

  it("explains a denial by the policy as it is", async () => {
    const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
    await expect(client.callTool({ name: "text.shout", arguments: {} })).rejects.toThrow(
      "Unknown tool",
    );
    await client.close();
    const page = await askPage(origin, "/v1/audit?result=denied&plugin=text", {
      headers: { ...mine },
    });
    const { records }: { records: { decision: string; capability: string }[] } = JSON.parse(
      page.text,
    );
    const denied = records.find(({ capability }) => capability === "tool.text.shout");
    const { text } = await askPage(origin, `/v1/decisions/${denied?.decision}`, {
      headers: { ...mine },
    });
    expect(JSON.parse(text)).toMatchObject({
      now: {
        allowed: false,
        reason: "plugin_not_allowed",
        legs: expect.arrayContaining([
          expect.objectContaining({ leg: "plugin", passes: false }),
          expect.objectContaining({ leg: "workspace", passes: true }),
        ]),
      },
    });
    expect(await status("/v1/decisions/none-such")).toBe(404);
  });

  it("verifies the log while it is written", async () => {
    const { text } = await askPage(origin, "/v1/audit/verify", { body: {}, headers: { ...mine } });
    expect(JSON.parse(text)).toMatchObject({
      verdict: { ok: true },
      lines: [
        expect.stringMatching(/^verifies: \d+ records/u),
        expect.stringContaining("anchored"),
      ],
    });
  });
});
