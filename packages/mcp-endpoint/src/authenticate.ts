import type { IncomingMessage } from "node:http";
import type { Principal } from "@sigilrt/manager";
import type { Settings } from "./options.ts";
import { within } from "./within.ts";

// RFC 6750 section 2.1. A token in the URL or in the body is none: both end up in logs.
const BEARER = /^bearer +(?<token>[A-Za-z0-9\-._~+/]+=*)$/iu;

/**
 * Finds out on whose behalf a request is made; `undefined` for a stranger.
 *
 * @throws whatever the verifier throws, or an Error when it does not answer in time or answers nonsense
 */
export async function authenticate(
  { headersDistinct }: Pick<IncomingMessage, "headersDistinct">,
  { tokens, clock, limits }: Pick<Settings, "tokens" | "clock" | "limits">,
  signal: AbortSignal,
): Promise<Principal | undefined> {
  const [header = "", ...more] = headersDistinct["authorization"] ?? [];
  const token = more.length > 0 ? undefined : BEARER.exec(header)?.groups?.["token"];
  if (token === undefined) return undefined;
  const principal = await within(clock, limits.checkMs, signal, (stop) =>
    tokens.verify(token, { signal: stop }),
  );
  if (principal === undefined) return undefined;
  // A verifier may be anybody's code: `true` or `{}` is no principal.
  const { workspace, user }: { readonly workspace?: unknown; readonly user?: unknown } = principal;
  if (typeof workspace === "string" && typeof user === "string") return principal;
  throw new TypeError("Cannot authenticate: the token verifier answered no principal");
}
