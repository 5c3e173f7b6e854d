import { createHmac } from "node:crypto";
import type { AuditRecord } from "@sigilrt/enforcer";

/** Which values an audit store replaces by tokens before it writes them. What was replaced cannot be had back. */
export interface RedactionOptions {
  /** The file of the key, outside the store's directory; made with mode 0600 when it is missing. Whoever has it can test guesses; with it goes the way from a name to its records. */
  readonly keyFile: string;
  /** The actor, unless it is `system:…`, and texts of `detail` that are the actor; `keep` when absent. */
  readonly users?: "keep" | "token";
  /** Texts of `detail` with a `/` or a `\`; `keep` when absent. */
  readonly paths?: "keep" | "token";
  /** The capability, the patterns in `matched`, and texts of `detail` that are the capability; `keep` when absent. */
  readonly capabilities?: "keep" | "token";
}

/** Replaces values, each kind with tokens of its own: equal values have equal tokens. */
export interface Tokens {
  /** Tells its key from others. */
  readonly keyId: string;
  user(value: string): string;
  path(value: string): string;
  capability(value: string): string;
}

/** The tokens of a key; what is kept is answered as it is. */
export function createTokens(key: Uint8Array, options: RedactionOptions): Tokens {
  const { users, paths, capabilities } = options;
  const token = (kind: string, value: string): string =>
    `hmac:${createHmac("sha256", key).update(`${kind}\0${value}`, "utf8").digest("hex").slice(0, 32)}`;
  return {
    keyId: token("key", ""),
    user: (value) =>
      users === "token" && !value.startsWith("system:") ? token("user", value) : value,
    path: (value) => (paths === "token" && /[/\\]/u.test(value) ? token("path", value) : value),
    capability: (value) => (capabilities === "token" ? token("capability", value) : value),
  };
}

/** The record, which is pure JSON, as it may be written. */
export function redactRecord(record: AuditRecord, tokens: Tokens): AuditRecord {
  const { actor, capability, matched, detail } = record;
  const redactText = (text: string): string => {
    if (text === actor) return tokens.user(text);
    return text === capability ? tokens.capability(text) : tokens.path(text);
  };
  return {
    ...record,
    actor: tokens.user(actor),
    ...(capability === undefined ? {} : { capability: tokens.capability(capability) }),
    ...(matched ? { matched: mapPatterns(matched, (text) => tokens.capability(text)) } : {}),
    ...(detail ? { detail: mapTexts(detail, redactText) } : {}),
  };
}

/** A copy of JSON with every text replaced, names too. */
function mapTexts<T>(value: T, change: (text: string) => string): T;
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [change(name), mapTexts(item, change)]),
  );
}

/** Replaces the patterns; the legs keep their names. */
function mapPatterns(
  matched: NonNullable<AuditRecord["matched"]>,
  change: (text: string) => string,
): NonNullable<AuditRecord["matched"]> {
  return Object.fromEntries(Object.entries(matched).map(([leg, text]) => [leg, change(text)]));
}
