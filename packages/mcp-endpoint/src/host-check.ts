import type { IncomingMessage } from "node:http";

/** A host that an endpoint answers to. */
export interface AcceptedHost {
  readonly name: string;
  /** Absent means every port. */
  readonly port: string | undefined;
}

// No URL parser: it would read "evil@localhost", "127.1" and "localhost#x" as names that are accepted.
const HOST =
  /^(?<name>\[[0-9a-f:.]+\]|[0-9a-z_](?:[0-9a-z_.-]*[0-9a-z_])?)(?::(?<port>\d{1,5}))?$/iu;
const ORIGIN = /^(?<scheme>https?):\/\/(?<host>[^/]+)$/iu;

/** Reads the hosts of the options. @throws TypeError when there is none, or one is no host name */
export function parseHosts(hosts: readonly string[]): readonly AcceptedHost[] {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new TypeError("Cannot make an MCP endpoint: no accepted hosts; pass `hosts`");
  }
  return hosts.map((text) => {
    const host = parseHost(text);
    if (host) return host;
    throw new TypeError(
      `Cannot make an MCP endpoint: ${JSON.stringify(text)} is no host; write a name, or name:port`,
    );
  });
}

/**
 * Answers whether a request was meant for this endpoint. DNS rebinding: a page of evil.example whose name now resolves to 127.0.0.1
 * sends `Host: evil.example`; a page that calls across origins sends its own `Origin`.
 */
export function isForHosts(
  { headersDistinct }: Pick<IncomingMessage, "headersDistinct">,
  accepted: readonly AcceptedHost[],
): boolean {
  const [host, ...moreHosts] = headersDistinct["host"] ?? [];
  const [origin, ...moreOrigins] = headersDistinct["origin"] ?? [];
  if (host === undefined || moreHosts.length > 0 || moreOrigins.length > 0) return false;
  if (!isAccepted(parseHost(host), accepted)) return false;
  return origin === undefined || isAccepted(hostOfOrigin(origin), accepted);
}

function isAccepted(host: AcceptedHost | undefined, accepted: readonly AcceptedHost[]): boolean {
  return accepted.some(
    ({ name, port }) => host?.name === name && (port === undefined || port === host.port),
  );
}

function parseHost(text: string): AcceptedHost | undefined {
  const { name, port } = HOST.exec(text)?.groups ?? {};
  return name === undefined ? undefined : { name: name.toLowerCase(), port };
}

function hostOfOrigin(origin: string): AcceptedHost | undefined {
  const { scheme, host } = ORIGIN.exec(origin)?.groups ?? {};
  const parsed = host === undefined ? undefined : parseHost(host);
  // Browsers leave the default port out.
  const standard = scheme?.toLowerCase() === "https" ? "443" : "80";
  return parsed && { name: parsed.name, port: parsed.port ?? standard };
}
