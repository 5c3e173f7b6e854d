import type { Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Principal } from "@sigilrt/manager";
import { admit } from "./admission.ts";
import { checkParams, isMessage } from "./check-params.ts";
import type { LineCaller, Serving } from "./eras.ts";
import { readLines } from "./line-reader.ts";
import type { OpenItem } from "./open-work.ts";
import type { Settings, StdioStreams } from "./options.ts";
import { parseMessage } from "./parse-message.ts";
import { refusals } from "./refusal.ts";
import type { Places } from "./slots.ts";
import { isObject, type JsonObject, type RequestId, RPC, type RpcError } from "./vocabulary.ts";

/** What a connection takes from the endpoint that it belongs to. */
export interface Surroundings extends Places {
  readonly settings: Settings;
  readonly serving: Serving;
  readonly closing: AbortSignal;
}

interface OpenRequest {
  readonly answered: () => void;
  work: Promise<unknown>;
}

/** One client on two streams: sizes its lines, counts its requests, and ends when all of them are answered. */
export class LineConnection implements OpenItem, LineCaller {
  readonly principal: Principal;
  readonly done: Promise<void>;
  readonly #input: StdioStreams["input"];
  readonly #output: Writable;
  readonly #settings: Settings;
  readonly #serving: Serving;
  readonly #places: Places;
  readonly #closing: AbortSignal;
  readonly #over = new AbortController();
  readonly #open = new Map<RequestId, OpenRequest>();
  readonly #work = new Set<Promise<void>>();
  readonly #settle: () => void;
  readonly #leave = (): void => this.#over.abort();

  constructor({ input, output }: StdioStreams, principal: Principal, around: Surroundings) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#settle = resolve;
    this.principal = principal;
    this.#input = input;
    this.#output = output;
    this.#settings = around.settings;
    this.#serving = around.serving;
    this.#places = around;
    this.#closing = around.closing;
    output.on("error", this.#leave);
    output.on("close", this.#leave);
  }

  /** Hands every message on, until the input has ended and what it asked for is answered, or nobody listens any more. */
  async read(deliver: (message: JsonObject) => void): Promise<void> {
    const { messageBytes } = this.#settings.limits;
    const stop = AbortSignal.any([this.#closing, this.#over.signal]);
    for await (const line of readLines(this.#input, messageBytes, stop)) {
      await this.#take(line, deliver);
    }
    const over = Promise.withResolvers<void>();
    if (this.#over.signal.aborted) return;
    this.#over.signal.addEventListener("abort", () => over.resolve(), { once: true });
    await Promise.race([Promise.all(this.#work), over.promise]);
  }

  /** Writes a message; resolves when the client's side has taken it, or nobody listens any more. */
  async send(message: object): Promise<void> {
    await this.#write(message);
    const { id, method }: { readonly id?: unknown; readonly method?: unknown } = message;
    if (method === undefined && (typeof id === "string" || typeof id === "number")) {
      this.#open.get(id)?.answered();
    }
  }

  keepUntil(id: RequestId, work: Promise<unknown>): void {
    const open = this.#open.get(id);
    if (open) open.work = work;
  }

  /** Sending waits for the reader already. */
  flushed(): Promise<void> {
    return Promise.resolve();
  }

  cutOff(): void {
    this.#over.abort();
  }

  /** Resolves when no work for the client goes on. Its calls have to be aborted before. */
  async end(): Promise<void> {
    for (const { answered } of this.#open.values()) answered();
    await Promise.all(this.#work);
    this.#output.off("error", this.#leave);
    this.#output.off("close", this.#leave);
    this.#settle();
  }

  async #take(line: Uint8Array | undefined, deliver: (message: JsonObject) => void): Promise<void> {
    if (!line) {
      await this.#refuse(null, refusals.tooLarge.error);
      return;
    }
    if (line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) return;
    const parsed = parseMessage(line, this.#settings.limits.depth);
    if (!parsed.ok) {
      await this.#refuse(null, parsed.error);
      return;
    }
    const { message } = parsed;
    if (!isMessage(message)) {
      await this.#refuse(null, invalid("no message of JSON-RPC"));
      return;
    }
    const { id, method, params } = message;
    if (typeof method === "string" && (typeof id === "string" || typeof id === "number")) {
      await this.#request(id, message, deliver);
      return;
    }
    deliver(message);
    if (method !== "notifications/cancelled" || !isObject(params)) return;
    const { requestId } = params;
    if (typeof requestId !== "string" && typeof requestId !== "number") return;
    // A cancelled request is not answered. Its work has begun by the next turn, and is waited for.
    const open = this.#open.get(requestId);
    void nextTurn().then(() => open?.answered());
  }

  async #request(
    id: RequestId,
    message: JsonObject,
    deliver: (message: JsonObject) => void,
  ): Promise<void> {
    // Two answers to one id: the client could take the one for the other.
    if (this.#open.has(id)) {
      await this.#refuse(id, invalid("its id is that of an open request"));
      return;
    }
    const leave = this.#takePlace();
    if (typeof leave !== "function") {
      await this.#refuse(id, leave);
      return;
    }
    const error = await this.#screen(message);
    if (error) {
      leave();
      await this.#refuse(id, error);
      return;
    }
    // A subscription has no answer to wait for.
    if (message["method"] === "subscriptions/listen") leave();
    else this.#begin(id, leave);
    deliver(message);
  }

  #takePlace(): (() => void) | RpcError {
    const { slots, userSlots } = this.#places;
    const leave = slots.take();
    if (!leave) return refusals.full.error;
    const leaveOwn = userSlots.take(this.principal.user);
    if (!leaveOwn) {
      leave();
      return refusals.busy.error;
    }
    return () => {
      leaveOwn();
      leave();
    };
  }

  async #screen(message: JsonObject): Promise<RpcError | undefined> {
    try {
      const refused = await admit(this.principal, this.#settings, this.#over.signal);
      return refused ? refused.error : checkParams(message);
    } catch (error) {
      return this.#serving.reportFault(error);
    }
  }

  #begin(id: RequestId, leave: () => void): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const open: OpenRequest = { answered: resolve, work: Promise.resolve() };
    this.#open.set(id, open);
    const work = this.#finish(id, open, promise, leave).then(() => void this.#work.delete(work));
    this.#work.add(work);
  }

  async #finish(
    id: RequestId,
    open: OpenRequest,
    answered: Promise<void>,
    leave: () => void,
  ): Promise<void> {
    await answered;
    await open.work.catch(() => undefined);
    leave();
    this.#open.delete(id);
  }

  #refuse(id: RequestId | null, error: RpcError): Promise<void> {
    return this.#write({ jsonrpc: "2.0", id, error });
  }

  async #write(message: object): Promise<void> {
    if (this.#over.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const taken = (): void => resolve();
    this.#over.signal.addEventListener("abort", taken, { once: true });
    this.#output.write(`${JSON.stringify(message)}\n`, taken);
    await promise;
    this.#over.signal.removeEventListener("abort", taken);
  }
}

const invalid = (state: string): RpcError => ({
  code: RPC.invalidRequest,
  message: `Cannot take the message: ${state}`,
});
