import { parseCapability } from "@sigilrt/capability";
import type { Offer } from "./call.ts";

/** What asking for a prompt or a resource is decided as; no capability where the name fits into none, and then it is refused. */
export function offerCapability(plugin: string, kind: Offer["kind"], name: string): string {
  return kind === "prompt" ? `prompt.${plugin}.${name}` : (resourceCapability(plugin, name) ?? "");
}

const HIERARCHICAL =
  /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<authority>[^/?#]*)(?<path>\/[^?#]*)?(?<rest>[?#].*)?$/su;
const OPAQUE = /^(?<scheme>[a-z][a-z0-9+.-]*):(?!\/\/)(?<path>.+)$/su;
/** A name of the grammar holds neither. */
const UNNAMEABLE = /[+.]/gu;

/**
 * The capability of reading a resource: `resource.<plugin>.<scheme>:.<authority>./<path>`, so that a pattern can name all resources of
 * a scheme, of a place, or below a path; `resource.<plugin>.<scheme>./<rest>` for a URI without `//`. No two URIs have the same one.
 * `undefined` for a URI that fits into none, such as one with `..` or an empty segment: it is neither shown nor read.
 */
export function resourceCapability(plugin: string, uri: string): string | undefined {
  const whole = HIERARCHICAL.exec(uri)?.groups;
  const {
    scheme = "",
    authority = "",
    path = "",
    rest = "",
  } = whole ?? OPAQUE.exec(uri)?.groups ?? {};
  if (scheme === "" || scheme.search(UNNAMEABLE) >= 0) return undefined;
  const place = authority === "" ? "" : `.${authority}`;
  const below = whole ? `${path}${rest}` : `/${path}`;
  // A query without a path would be read as a name, which holds no such sign.
  if (whole && rest !== "" && path === "") return undefined;
  const escaped = below.replaceAll("%", "%25").replaceAll("*", "%2A");
  const capability = `resource.${plugin}.${scheme}${whole ? ":" : ""}${place}${escaped === "" ? "" : `.${escaped}`}`;
  try {
    return parseCapability(capability);
  } catch {
    return undefined;
  }
}
