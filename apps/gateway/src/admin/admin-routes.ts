import type { OperatorAct } from "@sigilrt/cli";
import { z } from "zod";
import type { AdminDesk } from "./admin-desk.ts";
import { SecretError } from "../secrets/secret-error.ts";

/** A request to the desk, however it came. */
export interface AdminRequest {
  readonly method: string;
  /** Path and query, as they were written. */
  readonly target: string;
  /** The body, parsed; `undefined` when there is none. */
  readonly body: unknown;
  /** Ends an answer that goes on. */
  readonly signal: AbortSignal;
}

/** The answer: a value, or lines that go on. */
export type AdminAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: 200; readonly lines: AsyncIterable<unknown> };

/** Answers one request. Rejects with what the store of records threw. */
export async function answerAdmin(desk: AdminDesk, request: AdminRequest): Promise<AdminAnswer> {
  const { method, target } = request;
  const [path = "", query] = target.split("?", 2);
  const route = routes.find(({ pattern }) => pattern.test(path));
  if (!route) return refusal(404, "NO_ROUTE", "there is no such route");
  if (method !== route.method) {
    return refusal(405, "WRONG_METHOD", `this route takes ${route.method}`);
  }
  if (query !== undefined && !route.queries.includes(query)) {
    return refusal(400, "MALFORMED", "the query is not one of this route");
  }
  const parsed = route.body.safeParse(request.body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refusal(400, "MALFORMED", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const [, plugin = "", secret = ""] = route.pattern.exec(path) ?? [];
  return route.answer(desk, { plugin, secret, query, body: parsed.data, signal: request.signal });
}

interface Asked {
  readonly plugin: string;
  readonly secret: string;
  readonly query: string | undefined;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  readonly queries: readonly string[];
  readonly body: z.ZodType;
  readonly answer: (desk: AdminDesk, asked: Asked) => Promise<AdminAnswer>;
}

const name = "([a-z][a-z0-9-]{0,63})";
const nothing = z.undefined();
const empty = z.strictObject({});
const startBody = z.strictObject({ clear_quarantine: z.literal(true).optional() });
/** A value in base64, so that none is longer on the way than its limit; without one the secret is removed. */
const secretBody = z.strictObject({ value: z.base64().max(32_768).optional() });
const fromBase64 = (text: string): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, "base64"));
/** What a person can have agreed to or refused. Nothing else is written on somebody's word. */
const recordsBody = z.strictObject({
  records: z
    .array(
      z.strictObject({
        action: z.enum(["consent.given", "plugin.refused"]),
        actor: z
          .string()
          .min(1)
          .max(256)
          .regex(/^(?!system:|operator:)\P{Cc}+$/u),
        plugin: z.string().regex(new RegExp(`^${name}$`, "u")),
        result: z.enum(["ok", "failed"]),
        reason: z.string().regex(/^[a-z_]{1,64}$/u),
        detail: z.record(z.string().max(64), z.string().max(1_024)).exactOptional(),
      }),
    )
    .min(1)
    .max(4),
});

const missionBody = z.strictObject({
  text: z.string().max(65_536),
  user: z.string().min(1).max(256),
  repository: z.string().startsWith("/").max(4_096),
  resume: z.uuid().exactOptional(),
});

const acts = ["start", "stop", "reload", "rollback"] as const satisfies readonly OperatorAct[];

const routes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/v1\/plugins$/u,
    queries: [],
    body: nothing,
    answer: async (desk) => ({ status: 200, body: desk.list() }),
  },
  {
    method: "GET",
    pattern: new RegExp(`^/v1/plugins/${name}$`, "u"),
    queries: [],
    body: nothing,
    answer: async (desk, { plugin }) => found(plugin, desk.inspect(plugin)),
  },
  {
    method: "GET",
    pattern: new RegExp(`^/v1/plugins/${name}/logs$`, "u"),
    queries: ["follow=1"],
    body: nothing,
    async answer(desk, { plugin, query, signal }) {
      const lines = desk.logs(plugin, { follow: query === "follow=1", signal });
      return lines ? { status: 200, lines } : unknownPlugin(plugin);
    },
  },
  ...acts.map((act): Route => ({
    method: "POST",
    pattern: new RegExp(`^/v1/plugins/${name}/${act}$`, "u"),
    queries: [],
    body: act === "start" ? startBody : empty,
    async answer(desk, { plugin, body }) {
      const { clear_quarantine: clear } = startBody.parse(body);
      return found(plugin, await desk.act(plugin, act, { clearQuarantine: clear === true }));
    },
  })),
  {
    method: "POST",
    pattern: new RegExp(`^/v1/plugins/${name}/approved$`, "u"),
    queries: [],
    body: empty,
    answer: async (desk, { plugin }) => ({ status: 200, body: await desk.approved(plugin) }),
  },
  {
    method: "POST",
    pattern: /^\/v1\/configuration\/reload$/u,
    queries: [],
    body: empty,
    async answer(desk) {
      try {
        return { status: 200, body: await desk.reloadConfiguration() };
      } catch (error) {
        const message = error instanceof Error ? error.message : "unknown failure";
        return refusal(409, "CONFIGURATION_REFUSED", message);
      }
    },
  },
  {
    method: "GET",
    pattern: /^\/v1\/secrets$/u,
    queries: [],
    body: nothing,
    answer: async (desk) => ({ status: 200, body: await desk.secrets() }),
  },
  {
    method: "POST",
    pattern: new RegExp(`^/v1/plugins/${name}/secrets/([a-z][a-z0-9_]{0,63})$`, "u"),
    queries: [],
    body: secretBody,
    async answer(desk, { plugin, secret, body }) {
      const { value: encoded } = secretBody.parse(body);
      const value = encoded === undefined ? {} : { value: fromBase64(encoded) };
      try {
        return { status: 200, body: await desk.changeSecret({ plugin, name: secret, ...value }) };
      } catch (error) {
        if (error instanceof SecretError) return refusal(400, "SECRET_REFUSED", error.message);
        throw error;
      }
    },
  },
  {
    method: "POST",
    pattern: /^\/v1\/missions$/u,
    queries: [],
    body: missionBody,
    async answer(desk, { body, signal }) {
      if (!desk.mission) return refusal(404, "NO_ROUTE", "this gateway runs no missions");
      try {
        return { status: 200, body: await desk.mission(missionBody.parse(body), signal) };
      } catch (error) {
        return refusal(400, "MISSION", error instanceof Error ? error.message : "unknown failure");
      }
    },
  },
  {
    method: "POST",
    pattern: /^\/v1\/records$/u,
    queries: [],
    body: recordsBody,
    async answer(desk, { body }) {
      const { records } = recordsBody.parse(body);
      await desk.record(records);
      return { status: 200, body: {} };
    },
  },
];

const found = (plugin: string, body: unknown): AdminAnswer =>
  body === undefined ? unknownPlugin(plugin) : { status: 200, body };

const unknownPlugin = (plugin: string): AdminAnswer =>
  refusal(404, "PLUGIN_NOT_FOUND", `the gateway knows no plugin "${plugin}"`);

/** An answer that says why there is no other. */
export const refusal = (status: number, code: string, message: string): AdminAnswer => ({
  status,
  body: { error: { code, message } },
});
