import type { IncomingMessage } from "node:http";

/** Why a request is not from the page; `undefined` when nothing says so. */
export type OriginFault = "host" | "origin";

/**
 * Looks at what a browser says of a request. A name that resolves to this machine is still another name (DNS rebinding), and another page's
 * request says where it is from.
 *
 * @param port - the port that is listened on
 */
export function originFault(
  { headers, method = "GET" }: Pick<IncomingMessage, "headers" | "method">,
  port: number,
): OriginFault | undefined {
  const { host = "", origin } = headers;
  if (!names.some((name) => host === `${name}:${port}`)) return "host";
  if (origin !== undefined && origin !== `http://${host}`) return "origin";
  // Every browser names the origin of what changes something; who does not is none, or hides it.
  if (method !== "GET" && method !== "HEAD" && origin === undefined) return "origin";
  const site = headers["sec-fetch-site"];
  const isNavigation = headers["sec-fetch-mode"] === "navigate";
  const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
  return isForeign && !isNavigation ? "origin" : undefined;
}

const names = ["127.0.0.1", "localhost", "[::1]"];
