import type { CallOutcome, CallRequest } from "@sigilrt/manager";

/** A value of JSON, as the manager has it. */
export type JsonValue = CallRequest["arguments"][string];

/** An object of JSON. */
export type JsonObject = CallRequest["arguments"];

type Completed = Extract<CallOutcome, { readonly kind: "completed" }>;

/** A piece of a tool's result, as the manager has it. */
export type Content = Completed["content"][number];

/** What names a request within its connection. */
export type RequestId = string | number;

/** The error of JSON-RPC. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
}

/** Error codes of JSON-RPC and of MCP that are answered here. */
export const RPC = {
  parse: -32_700,
  invalidRequest: -32_600,
  invalidParams: -32_602,
  internal: -32_603,
  /** A refusal outside the protocol, such as a rate limit. */
  refused: -32_000,
  headerMismatch: -32_020,
} as const;

/** Answers whether a value of JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
