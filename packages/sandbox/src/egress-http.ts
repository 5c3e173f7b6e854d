import { type Destination, parseAuthority } from "./destination.ts";
import { type EgressReader, malformed, type Reading } from "./egress-reader.ts";

/** Largest head of a request, with its last empty line. */
const maxHeadBytes = 16_384;
const maxFields = 64;
const maxDigits = 15;

const [tab, lineFeed, carriageReturn, space, del] = [0x09, 0x0a, 0x0d, 0x20, 0x7f];
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const ownFields = new Set(["host", "content-length", "connection", "keep-alive", "te", "trailer"]);

interface Field {
  readonly name: string;
  readonly lower: string;
  readonly value: string;
}

/** Reads `CONNECT host:port` or an absolute-form `http:` request. */
export function createHttpReader(): EgressReader {
  const head = Buffer.alloc(maxHeadBytes);
  let length = 0;
  let verdict: Reading = { state: "more" };
  return {
    read(chunk) {
      if (verdict.state !== "more") return verdict;
      for (const [index, byte] of chunk.entries()) {
        const fault = byteFault(byte, length === 0 ? undefined : head[length - 1]);
        if (fault !== undefined) return (verdict = malformed("unknown", fault));
        head[length] = byte;
        length += 1;
        if (byte === lineFeed && endsEmpty(head, length)) {
          return (verdict = readHead(
            head.toString("latin1", 0, length - 4),
            chunk.subarray(index + 1),
          ));
        }
        if (length === maxHeadBytes) {
          return (verdict = malformed("unknown", `the head is over ${maxHeadBytes} bytes`));
        }
      }
      return verdict;
    },
  };
}

// A bare CR or LF, which peers read differently, would let one head be two.
function byteFault(byte: number, before: number | undefined): string | undefined {
  if ((byte === lineFeed) !== (before === carriageReturn)) return "a line does not end in CR LF";
  if (byte === lineFeed || byte === carriageReturn || byte === tab) return undefined;
  return byte < space || byte >= del ? "the head holds a control or non-ASCII byte" : undefined;
}

function endsEmpty(head: Buffer, length: number): boolean {
  return length >= 4 && head[length - 3] === lineFeed && head[length - 2] === carriageReturn;
}

function readHead(text: string, rest: Buffer): Reading {
  const [line = "", ...lines] = text.split("\r\n");
  const [method = "", target = "", version = "", more] = line.split(" ");
  const isTunnel = method === "CONNECT";
  const protocol = isTunnel ? "connect" : "http";
  const refuse = (reason: string): Reading => malformed(protocol, reason);

  if (more !== undefined || !/^[A-Z]{1,32}$/.test(method)) return refuse("no request line");
  // Tunnels of older clients say 1.0. A plain request of 1.0 could not read the answer to ours.
  if (version !== "HTTP/1.1" && !(isTunnel && version === "HTTP/1.0")) {
    return refuse("not HTTP/1.1");
  }
  if (lines.length > maxFields) return refuse(`more than ${maxFields} fields`);
  const fields: Field[] = [];
  for (const each of lines) {
    const field = readField(each);
    if (field === undefined) return refuse("a field is malformed or folded");
    fields.push(field);
  }
  const framing = readFraming(fields);
  if (typeof framing === "string") return refuse(framing);
  if (isTunnel) {
    const destination = parseAuthority(target);
    if (destination === undefined) return refuse("the target is no host:port");
    if (framing.bodyBytes !== undefined && framing.bodyBytes > 0) {
      return refuse("a CONNECT with a body");
    }
    return { state: "asked", protocol: "connect", destination, rest };
  }
  const absolute = readTarget(target);
  if (absolute === undefined) return refuse("the target is no absolute http: address");
  const head = writeHead(method, absolute, fields, framing.bodyBytes);
  const bodyBytes = framing.bodyBytes ?? 0;
  const { destination } = absolute;
  return { state: "asked", protocol: "http", destination, rest, head, bodyBytes };
}

function readField(text: string): Field | undefined {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon));
  if (!fieldName.test(name)) return undefined;
  // Only spaces and tabs are left to trim.
  return { name, lower: name.toLowerCase(), value: text.slice(colon + 1).trim() };
}

/** The declared length of the body, or why the framing cannot be trusted. */
function readFraming(fields: readonly Field[]): string | { readonly bodyBytes?: number } {
  const valuesOf = (name: string): readonly string[] =>
    fields.filter(({ lower }) => lower === name).map(({ value }) => value);
  if (valuesOf("host").length > 1) return "two Host fields";
  if (valuesOf("upgrade").length > 0) return "an Upgrade";
  // With two framings, the two ends of a connection can disagree where a request ends and smuggle a second one.
  if (valuesOf("transfer-encoding").length > 0) return "a body without a declared length";
  const lengths = valuesOf("content-length");
  const [digits] = lengths;
  if (digits === undefined) return {};
  if (lengths.length > 1 || digits.length > maxDigits || !/^[0-9]+$/.test(digits)) {
    return "Content-Length is no single number";
  }
  return { bodyBytes: Number(digits) };
}

interface AbsoluteTarget {
  readonly destination: Destination;
  readonly path: string;
}

function readTarget(target: string): AbsoluteTarget | undefined {
  const [, authority = "", path = ""] = /^http:\/\/([^/?#]*)([^#]*)$/i.exec(target) ?? [];
  const destination = parseAuthority(authority, 80);
  if (destination === undefined) return undefined;
  return { destination, path: path.startsWith("/") ? path : `/${path}` };
}

// Host and request line come from what was checked. Fields for this connection alone are not passed on.
function writeHead(
  method: string,
  { destination: { host, port }, path }: AbsoluteTarget,
  fields: readonly Field[],
  bodyBytes: number | undefined,
): string {
  const named = new Set(
    fields
      .filter(({ lower }) => lower === "connection")
      .flatMap(({ value }) => value.split(",").map((name) => name.trim().toLowerCase())),
  );
  const kept = fields.filter(
    ({ lower }) => !ownFields.has(lower) && !lower.startsWith("proxy-") && !named.has(lower),
  );
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return [
    `${method} ${path} HTTP/1.1`,
    `Host: ${port === 80 ? bracketed : `${bracketed}:${port}`}`,
    ...kept.map(({ name, value }) => `${name}: ${value}`),
    ...(bodyBytes === undefined ? [] : [`Content-Length: ${bodyBytes}`]),
    "Connection: close",
    "\r\n",
  ].join("\r\n");
}
