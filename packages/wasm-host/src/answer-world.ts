import {
  type DecideImport,
  type HostImports,
  type ImportContext,
  ImportFailure,
} from "./host-imports.ts";
import { bytesOf } from "./text.ts";
import type { Answer, Question } from "./worker/messages.ts";

/** Random bytes that one question may ask for. */
const MOST_RANDOM_BYTES = 65_536;

/** What answers the questions of one call. */
export interface WorldOptions {
  /** Decides on each. */
  readonly decide: DecideImport;
  /** What is offered. */
  readonly imports: HostImports;
  /** Bytes of one answer. */
  readonly maxBytes: number;
}

const value = (of: unknown): Answer => ({ kind: "value", value: of });
const error = (tag: string, words?: string): Answer =>
  words === undefined ? { kind: "error", tag } : { kind: "error", tag, text: words };
const denied = error("denied");
const notOffered = error("failed", "not offered");

/** Answers one question of a component: decision first, then the provider, then the shape of what it answered. */
export async function answerWorld(
  { import: name, args }: Question,
  options: WorldOptions,
  context: ImportContext,
): Promise<Answer> {
  try {
    return await route(name, args, options, context);
  } catch (failure) {
    if (!(failure instanceof ImportFailure)) return error("failed", "the provider failed");
    const worded = failure.kind === "malformed" || failure.kind === "failed";
    return error(failure.kind, worded ? failure.message.slice(0, 1_024) : undefined);
  }
}

async function route(
  name: string,
  args: readonly unknown[],
  { decide, imports, maxBytes }: WorldOptions,
  context: ImportContext,
): Promise<Answer> {
  const allowed = (capability: string): Promise<boolean> => granted(decide, capability, context);
  const [first] = args;
  switch (name) {
    case "progress.report":
      await imports.progress?.(progressOf(args), context);
      return value(undefined);
    case "capability.request":
      return (await allowed(text(first))) ? value(undefined) : denied;
    case "config.get":
      if (!(await allowed("config.read.self"))) return denied;
      if (imports.config === undefined) return notOffered;
      return optionalText(await imports.config(text(first), context), maxBytes);
    case "config.secret": {
      const secret = await imports.secret?.(text(first), context);
      return secret === undefined ? error("not-found") : optionalText(secret, maxBytes);
    }
    case "kv.get":
    case "kv.keys":
      if (!(await allowed("kv.read"))) return denied;
      return await readKv(name, args, imports, maxBytes, context);
    case "kv.put":
    case "kv.delete":
      if (!(await allowed("kv.write"))) return denied;
      return await writeKv(name, args, imports, context);
    case "http.send":
      return await send(first, imports, maxBytes, allowed, context);
    case "clock.wallMs":
    case "clock.monotonicMs": {
      if (!(await allowed("clock.read"))) return denied;
      const { clock } = imports;
      if (clock === undefined) return notOffered;
      const ms = name === "clock.wallMs" ? clock.wallMs() : clock.monotonicMs();
      return value(BigInt(Math.max(0, Math.trunc(ms))));
    }
    case "random.bytes": {
      if (!(await allowed("random.read"))) return denied;
      const length = number(first);
      if (length > MOST_RANDOM_BYTES) return error("too-large");
      if (imports.random === undefined) return notOffered;
      const bytes = await imports.random(length, context);
      return isBytes(bytes) && bytes.length === length ? value(bytes.slice()) : badAnswer();
    }
    default:
      return error("failed", "not offered");
  }
}

async function granted(
  decide: DecideImport,
  capability: string,
  { signal, plugin, callId, principal }: ImportContext,
): Promise<boolean> {
  try {
    const ask = { capability, plugin, callId, ...(principal === undefined ? {} : { principal }) };
    const decision: unknown = await decide(ask, { signal });
    return decision === true;
  } catch {
    // A decision that failed is a denial.
    return false;
  }
}

async function readKv(
  name: "kv.get" | "kv.keys",
  args: readonly unknown[],
  { kv }: HostImports,
  maxBytes: number,
  context: ImportContext,
): Promise<Answer> {
  if (kv === undefined) return notOffered;
  if (name === "kv.get") {
    const entry = await kv.get(text(args[0]), context);
    if (entry === undefined) return value(undefined);
    if (!isBytes(entry.value) || typeof entry.version !== "bigint") return badAnswer();
    if (entry.value.length > maxBytes) return error("too-large");
    return value({ value: entry.value.slice(), version: entry.version });
  }
  const page = await kv.keys(text(args[0]), optional(args[1]), number(args[2]), context);
  const keys = page.keys.map(text);
  if (keys.reduce((sum, key) => sum + bytesOf(key), 0) > maxBytes) return error("too-large");
  return value({ keys, next: optional(page.next) });
}

async function writeKv(
  name: "kv.put" | "kv.delete",
  [key, bytes, expected]: readonly unknown[],
  { kv }: HostImports,
  context: ImportContext,
): Promise<Answer> {
  if (kv === undefined) return notOffered;
  if (name === "kv.delete") {
    const removed: unknown = await kv.delete(text(key), context);
    return typeof removed === "boolean" ? value(removed) : badAnswer();
  }
  if (!isBytes(bytes)) throw new ImportFailure("malformed", "the value is no list of bytes");
  const version = typeof expected === "bigint" ? expected : undefined;
  const written = await kv.put(text(key), bytes, version, context);
  return typeof written === "bigint" ? value(written) : badAnswer();
}

async function send(
  asked: unknown,
  { http }: HostImports,
  maxBytes: number,
  allowed: (capability: string) => Promise<boolean>,
  context: ImportContext,
): Promise<Answer> {
  const method = text(field(asked, "method"));
  const address = URL.parse(text(field(asked, "url")));
  const secure = address?.protocol === "https:";
  if (address === null || !(secure || address.protocol === "http:")) {
    return error("malformed", "the address is not http or https");
  }
  // A name and password in an address hide where it leads.
  if (address.username !== "" || address.password !== "") {
    return error("malformed", "the address holds a user");
  }
  const port = address.port === "" ? (secure ? "443" : "80") : address.port;
  if (!(await allowed(`net.connect.${address.hostname}:${port}`))) return denied;
  if (http === undefined) return notOffered;
  const body = field(asked, "body");
  const timeoutMs = field(asked, "timeoutMs");
  const answered = await http(
    {
      method,
      url: address.href,
      headers: pairs(field(asked, "headers")),
      ...(isBytes(body) ? { body } : {}),
      ...(typeof timeoutMs === "number" ? { timeoutMs } : {}),
    },
    context,
  );
  const { status } = answered;
  const headers = pairs(answered.headers);
  if (!Number.isInteger(status) || status < 100 || status > 999 || !isBytes(answered.body)) {
    return badAnswer();
  }
  const size = headers.flat().reduce((sum, each) => sum + bytesOf(each), answered.body.length);
  if (size > maxBytes) return error("too-large");
  return value({ status, headers, body: answered.body.slice() });
}

const badAnswer = (): Answer => error("failed", "the provider answered another type");

function optionalText(answered: unknown, maxBytes: number): Answer {
  if (answered === undefined) return value(undefined);
  if (typeof answered !== "string") return badAnswer();
  return bytesOf(answered) > maxBytes ? error("too-large") : value(answered);
}

function progressOf([completed, total, message]: readonly unknown[]): {
  completed: number;
  total?: number;
  message?: string;
} {
  return {
    completed: number(completed),
    ...(typeof total === "number" ? { total } : {}),
    ...(typeof message === "string" ? { message } : {}),
  };
}

function text(of: unknown): string {
  if (typeof of === "string") return of;
  throw new ImportFailure("malformed", "it is no text");
}

function number(of: unknown): number {
  if (typeof of === "number") return of;
  throw new ImportFailure("malformed", "it is no number");
}

const optional = (of: unknown): string | undefined => (typeof of === "string" ? of : undefined);

function pairs(of: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(of)) throw new ImportFailure("malformed", "the header fields are no list");
  return of.map((pair: unknown) => {
    if (!Array.isArray(pair)) throw new ImportFailure("malformed", "a header field is no pair");
    return [text(pair[0]), text(pair[1])] as const;
  });
}

const isBytes = (of: unknown): of is Uint8Array => of instanceof Uint8Array;

const field = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined;
