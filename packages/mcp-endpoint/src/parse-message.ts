import { isObject, type JsonObject, RPC, type RpcError } from "./vocabulary.ts";

/** One message, or why it is none. */
export type ParsedMessage =
  | { readonly ok: true; readonly message: JsonObject }
  | { readonly ok: false; readonly error: RpcError };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads one JSON-RPC message. Its depth is counted before the parser sees it. */
export function parseMessage(bytes: Uint8Array, depth: number): ParsedMessage {
  let value: unknown;
  try {
    const text = utf8.decode(bytes);
    // A parser that recurses runs out of stack on a megabyte of "[".
    if (!isShallow(text, depth)) {
      return refuse(RPC.invalidRequest, `nested deeper than ${depth}`);
    }
    value = JSON.parse(text);
  } catch {
    return refuse(RPC.parse, "not JSON in UTF-8");
  }
  // A batch would pass for one request at the rate limit. Neither era has batches.
  if (Array.isArray(value)) return refuse(RPC.invalidRequest, "a batch; send one message each");
  return isObject(value)
    ? { ok: true, message: value }
    : refuse(RPC.invalidRequest, "not an object");
}

const refuse = (code: number, state: string): ParsedMessage => ({
  ok: false,
  error: { code, message: `Cannot read the message: ${state}` },
});

/** Whether brackets outside strings nest at most so deep. */
function isShallow(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at += 1;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) depth += 1;
    else if (unit === 0x7d || unit === 0x5d) depth -= 1;
    if (depth > max) return false;
  }
  return true;
}
