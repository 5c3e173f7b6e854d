import type { IncomingMessage, ServerResponse } from "node:http";
import { refusal } from "../admin/admin-routes.ts";
import { bodyOf, drained } from "../admin/admin-socket.ts";
import type { Configuration } from "../configuration.ts";
import type { Gateway } from "../gateway.ts";
import { listen } from "../listener.ts";
import { streamDecisions } from "./event-stream.ts";
import type { Metrics } from "./metrics.ts";
import { operatorOf, type OperatorSources, starter } from "./operator.ts";
import { originFault } from "./origin-check.ts";
import { createPageDesk, type PageDesk } from "./page-desk.ts";
import { pageHeaders, readPageFiles } from "./page-files.ts";
import { answerPage } from "./page-routes.ts";
import { createSignIn, type SignIn } from "./page-sign-in.ts";
import { createSessions } from "./sessions.ts";

const MAX_STREAMS = 16;

/** The operator's page of a gateway that runs, on a listener of its own that MCP clients' tokens do not open. */
export interface Page {
  readonly address: string;
  /** Signs whoever opens it in, once, within an hour. */
  readonly link: string;
  /** Ends what goes on. Closing twice is closing once. */
  close(): Promise<void>;
}

/** What a page is made of. */
export interface PageOptions {
  readonly gateway: Gateway;
  readonly configuration: Configuration;
  readonly metrics: Metrics;
  /** Whether calls are taken. */
  readonly isReady: () => boolean;
  readonly fault: (error: unknown) => void;
}

/** Opens the page. @throws Error that names the port and what to change, where the system refuses it */
export async function openPage(options: PageOptions): Promise<Page> {
  const { gateway, configuration, metrics, isReady, fault } = options;
  const files = await readPageFiles();
  const listener = await listen("127.0.0.1", configuration.page.port, configuration.path, "page");
  const { port } = listener;
  const desk = createPageDesk(gateway, configuration);
  const sources = { tokens: gateway.operators, principals: gateway.principals };
  const sessions = createSessions(Date);
  const signedIn = (actor: string): Promise<void> => desk.signedIn(actor);
  const signIn = createSignIn({ sessions, sources, clock: Date, port, signedIn });
  const over = new AbortController();
  const parts = {
    desk,
    signIn,
    sources,
    metrics,
    gateway,
    over: over.signal,
    isReady,
    streams: { open: 0 },
  };
  listener.serve((request, response) => {
    const foreign = originFault(request, port);
    const file = request.method === "GET" ? files.get(request.url ?? "") : undefined;
    if (foreign !== undefined) return send(response, foreignAnswer);
    if (file) {
      response.writeHead(200, { ...pageHeaders, "content-type": file.type });
      response.end(file.bytes);
      return undefined;
    }
    serve(parts, request, response).catch((error: unknown) => {
      fault(error);
      if (response.headersSent) response.destroy();
      else send(response, refusal(500, "INTERNAL", "it failed; the gateway's log says why"));
    });
    return undefined;
  });
  let closed: Promise<void> | undefined;
  return {
    address: listener.address,
    link: `${listener.address}/#link=${sessions.issueLink(starter(gateway.desk.actor))}`,
    close() {
      over.abort();
      return (closed ??= listener.close());
    },
  };
}

interface Parts {
  readonly desk: PageDesk;
  readonly signIn: SignIn;
  readonly sources: OperatorSources;
  readonly metrics: Metrics;
  readonly gateway: Gateway;
  readonly over: AbortSignal;
  readonly isReady: () => boolean;
  readonly streams: { open: number };
}

async function serve(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { desk, signIn, gateway, over, streams, isReady } = parts;
  const { method = "GET" } = request;
  const url = new URL(`http://page${request.url?.startsWith("/") === true ? request.url : "/"}`);
  if (url.pathname === "/healthz") return plain(response, 200, "ok\n");
  if (url.pathname === "/readyz") {
    return isReady() ? plain(response, 200, "ok\n") : plain(response, 503, "stopping\n");
  }
  if (url.pathname === "/metrics") return serveMetrics(parts, request, response);
  const body = method === "GET" ? { value: undefined } : await bodyOf(request);
  if ("status" in body) return send(response, body);
  if (url.pathname === "/v1/session" && method === "POST") {
    const { cookie, ...answer } = await signIn.begin(body.value);
    return send(response, answer, cookie);
  }
  const operator = await signIn.who(request);
  if (!operator) return send(response, refusal(401, "NOT_SIGNED_IN", "sign in first"));
  if (url.pathname === "/v1/session") {
    const { name, isPerson } = operator;
    return send(response, { status: 200, body: { name, isPerson } });
  }
  if (url.pathname === "/v1/session/end" && method === "POST") {
    return send(response, { status: 200, body: {} }, signIn.end(request));
  }
  const left = new AbortController();
  response.once("close", () => left.abort());
  const signal = AbortSignal.any([left.signal, over]);
  const answer = await answerPage(desk, { operator, method, url, body: body.value, signal });
  if ("stream" in answer) {
    if (streams.open >= MAX_STREAMS) {
      return send(response, refusal(429, "TOO_MANY", `${MAX_STREAMS} streams are open already`));
    }
    const lastEventId = request.headers["last-event-id"];
    const stands = async (): Promise<boolean> => (await signIn.who(request)) !== undefined;
    const last = typeof lastEventId === "string" ? lastEventId : undefined;
    streams.open += 1;
    try {
      return await streamDecisions(response, gateway.decisions, {
        lastEventId: last,
        signal,
        stands,
      });
    } finally {
      streams.open -= 1;
    }
  }
  if (!("lines" in answer)) return send(response, answer);
  response.writeHead(200, { ...pageHeaders, "content-type": "application/x-ndjson" });
  for await (const line of answer.lines) {
    if (signal.aborted) break;
    if (!response.write(`${JSON.stringify(line)}\n`)) await drained(response, signal);
  }
  response.end();
}

/** A scraper has a token of its own; who is signed in may look as well. */
async function serveMetrics(
  { signIn, sources, metrics }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, token] = /^Bearer (\S{1,256})$/u.exec(request.headers.authorization ?? "") ?? [];
  const operator =
    token === undefined ? await signIn.who(request) : await operatorOf(token, sources);
  if (!operator) {
    response.setHeader("www-authenticate", "Bearer");
    return send(response, refusal(401, "NOT_SIGNED_IN", "an operator's token opens this"));
  }
  if (!operator.may("admin.metrics")) {
    return send(response, refusal(403, "NOT_ALLOWED", `${operator.name} lacks admin.metrics`));
  }
  return plain(response, 200, await metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
}

const foreignAnswer = refusal(421, "WRONG_HOST", "this is no page's host but its own");

function plain(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { ...pageHeaders, "content-type": type });
  response.end(text);
}

function send(
  response: ServerResponse,
  answer: { readonly status: number } & ({ readonly body: unknown } | object),
  cookie?: string,
): void {
  const close = answer.status === 413 ? { connection: "close" } : {};
  const held = cookie === undefined ? {} : { "set-cookie": cookie };
  const headers = { ...pageHeaders, ...close, ...held, "content-type": "application/json" };
  response.writeHead(answer.status, headers);
  response.end(JSON.stringify("body" in answer ? answer.body : {}));
}
