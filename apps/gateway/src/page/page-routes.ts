import type { OperatorAct } from "@sigilrt/cli";
import { z } from "zod";
import { type AdminAnswer, answerAdmin, refusal } from "../admin/admin-routes.ts";
import type { Operator } from "./operator.ts";
import type { PageDesk } from "./page-desk.ts";

/** A request of somebody who is signed in. */
export interface PageRequest {
  readonly operator: Operator;
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/** The answer: as that of the socket, or the stream of decisions. */
export type PageAnswer = AdminAnswer | { readonly status: 200; readonly stream: "decisions" };

interface Asked extends Omit<PageRequest, "method" | "body"> {
  /** What stands in the path. */
  readonly subject: string;
  readonly body: unknown;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly pattern: RegExp;
  /** What who asks must be allowed. */
  readonly right: (subject: string) => string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: (desk: PageDesk, asked: Asked) => PageAnswer | Promise<PageAnswer>;
}

const name = "([a-z][a-z0-9-]{0,63})";
const read = (): string => "admin.read";
const agree = (plugin: string): string => `admin.approve.${plugin}`;
const ok = (body: unknown): PageAnswer => ({ status: 200, body });
const person = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(?!system:|operator:)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u)
  .optional();
const rejectBody = z.strictObject({ user: person });
const approveBody = z.strictObject({ user: person, digest: z.string().max(128) });
const word = z.string().min(1).max(256).optional();
const auditQuery = z.strictObject({
  cursor: z.string().min(1).max(1_024).optional(),
  plugin: word,
  actor: word,
  result: z.enum(["allowed", "denied", "ok", "failed"]).optional(),
});
const acts = ["start", "stop", "reload", "rollback"] as const satisfies readonly OperatorAct[];

/** Hands a request on to the routes of the socket, as the operator who asks. */
const forwarded = async (desk: PageDesk, asked: Asked, method: string): Promise<PageAnswer> => {
  const { operator, url, body, signal } = asked;
  const target = `${url.pathname}${url.search}`;
  return answerAdmin(desk.admin.as(operator.name), { method, target, body, signal });
};

const routes: readonly Route[] = [
  {
    method: "GET",
    pattern: /^\/v1\/plugins$/u,
    right: read,
    answer: async (desk) => ok(desk.plugins()),
  },
  {
    method: "GET",
    pattern: new RegExp(`^/v1/plugins/${name}$`, "u"),
    right: read,
    answer: async (desk, { subject }) => found(subject, await desk.plugin(subject)),
  },
  {
    method: "GET",
    pattern: new RegExp(`^/v1/plugins/${name}/logs$`, "u"),
    right: read,
    answer: (desk, asked) => forwarded(desk, asked, "GET"),
  },
  ...acts.map((act): Route => ({
    method: "POST",
    pattern: new RegExp(`^/v1/plugins/${name}/${act}$`, "u"),
    right: (plugin) => `admin.${act}.${plugin}`,
    // Its form is checked where the request is handed on to.
    body: z.unknown(),
    answer: (desk, asked) => forwarded(desk, asked, "POST"),
  })),
  {
    method: "GET",
    pattern: /^\/v1\/decisions$/u,
    right: read,
    answer: () => ({ status: 200, stream: "decisions" }),
  },
  {
    method: "GET",
    pattern: /^\/v1\/decisions\/([\w-]{1,128})$/u,
    right: read,
    async answer(desk, { subject }) {
      const explained = await desk.explain(subject);
      return explained ? ok(explained) : refusal(404, "NO_DECISION", "no record has this id");
    },
  },
  {
    method: "GET",
    pattern: /^\/v1\/reviews$/u,
    right: read,
    answer: async (desk) => ok(await desk.reviews.waiting()),
  },
  {
    method: "POST",
    pattern: new RegExp(`^/v1/reviews/${name}$`, "u"),
    right: agree,
    body: z.strictObject({}),
    answer: (desk, { subject }) => attempted(() => desk.reviews.review(subject)),
  },
  {
    method: "POST",
    pattern: new RegExp(`^/v1/reviews/${name}/approve$`, "u"),
    right: agree,
    body: approveBody,
    answer(desk, { subject, body, operator }) {
      const { digest, user } = approveBody.parse(body);
      return asPerson(operator, user, (who) =>
        attempted(() => desk.reviews.approve(subject, { digest, user: who })),
      );
    },
  },
  {
    method: "POST",
    pattern: new RegExp(`^/v1/reviews/${name}/reject$`, "u"),
    right: agree,
    body: rejectBody,
    answer: (desk, { subject, body, operator }) =>
      asPerson(operator, rejectBody.parse(body).user, (who) =>
        attempted(() => desk.reviews.reject(subject, { user: who })),
      ),
  },
  {
    method: "GET",
    pattern: /^\/v1\/audit$/u,
    right: read,
    query: auditQuery,
    async answer(desk, { url }) {
      const { cursor, ...filter } = auditQuery.parse(Object.fromEntries(url.searchParams));
      const given = Object.entries(filter).filter(([, value]) => value !== undefined);
      return attempted(() => desk.audit.query(Object.fromEntries(given), cursor));
    },
  },
  {
    method: "GET",
    pattern: /^\/v1\/audit\/facts$/u,
    right: read,
    answer: async (desk) => ok(await desk.audit.facts()),
  },
  {
    method: "POST",
    pattern: /^\/v1\/audit\/verify$/u,
    right: read,
    body: z.strictObject({}),
    answer: (desk) => attempted(() => desk.audit.verify()),
  },
  {
    method: "GET",
    pattern: /^\/v1\/health$/u,
    right: read,
    answer: async (desk) => ok(await desk.health()),
  },
  {
    method: "POST",
    pattern: /^\/v1\/health\/examine$/u,
    right: read,
    body: z.strictObject({}),
    answer: (desk) => attempted(() => desk.examine()),
  },
];

/** Answers one request. Rejects with what the store of records threw. */
export async function answerPage(desk: PageDesk, request: PageRequest): Promise<PageAnswer> {
  const { method, url, operator } = request;
  const route = routes.find((known) => known.method === method && known.pattern.test(url.pathname));
  if (!route) return refusal(404, "NO_ROUTE", "there is no such route");
  const { 1: subject = "" } = route.pattern.exec(url.pathname) ?? [];
  const right = route.right(subject);
  if (!operator.may(right)) {
    await desk.refused(operator.name, right);
    return refusal(403, "NOT_ALLOWED", `${operator.name} lacks the permission ${right}`);
  }
  const query = (route.query ?? z.strictObject({})).safeParse(Object.fromEntries(url.searchParams));
  const body = (route.body ?? z.undefined()).safeParse(request.body);
  const issue = query.error?.issues[0] ?? body.error?.issues[0];
  if (issue) return refusal(400, "MALFORMED", `${issue.path.join(".")}: ${issue.message}`);
  return route.answer(desk, { ...request, subject });
}

/** Who agrees or refuses stands in the record for good: a person of the configuration as such, else who they say they are. */
async function asPerson(
  { isPerson, name: own }: Operator,
  user: string | undefined,
  work: (who: string) => Promise<PageAnswer>,
): Promise<PageAnswer> {
  const who = isPerson ? own : user;
  if (who === undefined) {
    return refusal(400, "NO_NAME", "say who you are: it goes on record with what you decide");
  }
  return isPerson && user !== undefined && user !== own
    ? refusal(403, "NOT_ALLOWED", `you are signed in as ${own}, and nobody else`)
    : work(who);
}

/** What cannot be done is an answer: the operator mends it. */
async function attempted(work: () => Promise<unknown>): Promise<PageAnswer> {
  try {
    return ok(await work());
  } catch (error) {
    return refusal(409, "REFUSED", error instanceof Error ? error.message : "unknown failure");
  }
}

const found = (plugin: string, body: unknown): PageAnswer =>
  body === undefined
    ? refusal(404, "PLUGIN_NOT_FOUND", `the gateway knows no plugin "${plugin}"`)
    : ok(body);
