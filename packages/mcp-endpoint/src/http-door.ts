import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "@sigilrt/manager";
import { admit } from "./admission.ts";
import { authenticate } from "./authenticate.ts";
import { checkParams } from "./check-params.ts";
import { type Exchange, serveHttp, type Serving } from "./eras.ts";
import { isForHosts } from "./host-check.ts";
import { OpenRequest } from "./open-request.ts";
import type { OpenWork } from "./open-work.ts";
import type { Settings } from "./options.ts";
import { parseMessage } from "./parse-message.ts";
import { isDeclaredTooLarge, readBody } from "./read-body.ts";
import { type Refusal, refusals, sendRefusal, tooMany } from "./refusal.ts";
import { createSlots, type Places, type Slots, type UserSlots } from "./slots.ts";
import { isObject, type JsonObject } from "./vocabulary.ts";

/** How many requests may stand at the door for each that may be open. */
const STRANGERS = 4;

/** What requests pass on their way in, in this order; what fails at one step does not reach the next. */
export class HttpDoor {
  readonly #settings: Settings;
  readonly #serving: Serving;
  /** Those that nobody is known of yet: a thousand strangers must not have the places of users. */
  readonly #doorSlots: Slots;
  readonly #slots: Slots;
  readonly #userSlots: UserSlots;
  readonly #work: OpenWork;
  readonly #open = new Set<OpenRequest>();

  constructor(settings: Settings, serving: Serving, places: Places, work: OpenWork) {
    this.#settings = settings;
    this.#serving = serving;
    this.#doorSlots = createSlots(STRANGERS * settings.limits.requests);
    this.#slots = places.slots;
    this.#userSlots = places.userSlots;
    this.#work = work;
  }

  /** Answers one request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const open = new OpenRequest(response, this.#settings.limits.readerMs);
    this.#open.add(open);
    this.#work.add(open);
    const isIn = open.hold(this.#doorSlots.take());
    try {
      const refusal = await this.#answer(request, response, open, isIn);
      if (refusal) sendRefusal(request, response, refusal);
    } catch (error) {
      const fault = this.#serving.reportFault(error);
      sendRefusal(request, response, { status: 500, error: fault });
    }
    await open.end();
    this.#open.delete(open);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    open: OpenRequest,
    isIn: boolean,
  ): Promise<Refusal | undefined> {
    const { hosts, limits } = this.#settings;
    if (this.#work.closing.aborted) return refusals.closing;
    if (!isForHosts(request, hosts)) return refusals.foreign;
    const place = parsePath(request.url ?? "");
    if (!place) return refusals.path;
    if (!isIn) return refusals.full;
    if (isDeclaredTooLarge(request, limits.messageBytes)) return refusals.tooLarge;

    const principal = await this.#principal(request, open);
    if (principal && "status" in principal) return principal;
    // Whoever belongs elsewhere learns no more about this workspace than a stranger does.
    const isExpected = place.workspace === undefined || place.workspace === principal?.workspace;
    if (!principal || !isExpected) return refusals.stranger;
    if (request.method !== "POST") return refusals.method;
    // Slow bodies: whoever sends a byte a minute on every place must not have them all.
    if (!open.hold(this.#userSlots.take(principal.user))) return refusals.busy;
    if (!open.hold(this.#slots.take())) return refusals.full;

    const bytes = await this.#body(request, open);
    if (!(bytes instanceof Uint8Array)) return bytes;
    const parsed = parseMessage(bytes, limits.depth);
    if (!parsed.ok) return { status: 400, error: parsed.error };
    await this.#serve(request, response, open, principal, parsed.message);
    return undefined;
  }

  async #principal(
    request: IncomingMessage,
    open: OpenRequest,
  ): Promise<Principal | Refusal | undefined> {
    try {
      return await authenticate(request, this.#settings, open.signal);
    } catch (error) {
      if (open.signal.aborted) return refusals.closing;
      // Deny when unsure: a verifier that fails lets nobody in.
      return { status: 503, error: this.#serving.reportFault(error) };
    }
  }

  async #body(request: IncomingMessage, open: OpenRequest): Promise<Uint8Array | Refusal> {
    try {
      const bytes = await readBody(request, this.#settings.limits.messageBytes, open.signal);
      return bytes ?? refusals.tooLarge;
    } catch {
      // The endpoint closes, or the client has left and hears nothing.
      return refusals.closing;
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    open: OpenRequest,
    principal: Principal,
    message: JsonObject,
  ): Promise<void> {
    const { id, method, params } = message;
    if (typeof id === "string" || typeof id === "number") open.id = id;
    if (method === "notifications/cancelled" && isObject(params)) {
      this.#cancel(open.authorization, params["requestId"]);
    }
    const exchange: Exchange = {
      principal,
      message,
      signal: open.signal,
      isCutOff: () => open.isCutOff,
      screen: () => this.#screen(principal, message, open.signal),
      keepUntil: (_id, work) => open.keepUntil(work),
      flushed: () => open.flushed(),
    };
    await serveHttp(request, response, exchange, this.#serving);
  }

  async #screen(
    principal: Principal,
    message: JsonObject,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    if (message["id"] === undefined || message["method"] === undefined) return undefined;
    try {
      const refused = await admit(principal, this.#settings, signal);
      if (refused) return tooMany(refused.error, refused.retryAfterMs);
    } catch (error) {
      return { status: 503, error: this.#serving.reportFault(error) };
    }
    const error = checkParams(message);
    return error && { status: 200, error };
  }

  /**
   * In 2025-11-25 a call is cancelled by a message of its own. Without sessions it is found by token and id; where two calls share
   * both, none is cancelled: one client must not stop another's.
   */
  #cancel(authorization: string | undefined, id: unknown): void {
    const meant = [...this.#open].filter(
      (open) => open.id !== undefined && open.id === id && open.authorization === authorization,
    );
    if (meant.length === 1) meant[0]?.cancel();
  }
}

const PATH = /^\/mcp(?:\/(?<workspace>[^/?#]+))?(?:\?.*)?$/su;

function parsePath(url: string): { readonly workspace: string | undefined } | undefined {
  const match = PATH.exec(url);
  if (!match) return undefined;
  const { workspace } = match.groups ?? {};
  if (workspace === undefined) return { workspace };
  try {
    return { workspace: decodeURIComponent(workspace) };
  } catch {
    return undefined;
  }
}
