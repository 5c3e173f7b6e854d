import { ProtocolError } from "./protocol-error.ts";
import { quoted } from "./quoted.ts";

/** Where a plugin waits that somebody started by hand, to debug it. Everything in it is a claim. */
export interface ReattachTicket {
  /** The application version it serves. */
  readonly version: number;
  /** Its process id. */
  readonly pid: number;
  /** When its process began, in the words of its system; without it nobody can tell the process from a later one of the same id. */
  readonly startTime?: string;
  /** Whether it must never be sent a signal. */
  readonly isTest: boolean;
  /** The path of its socket. */
  readonly address: string;
}

const MAX_CHARACTERS = 65_536;
const MAX_PLUGINS = 64;

/**
 * Reads the tickets of a text such as go-plugin programs print for debugging (JSON), by plugin name. Only gRPC on Unix sockets is taken.
 *
 * @throws {@link ProtocolError} `REATTACH_MALFORMED`
 */
export function parseReattach(text: string): ReadonlyMap<string, ReattachTicket> {
  if (text.length > MAX_CHARACTERS)
    throw malformed(`${text.length} characters, at most ${MAX_CHARACTERS} are read`);
  const plugins = objectOf(parsedJson(text), "the text");
  const names = Object.keys(plugins);
  if (names.length > MAX_PLUGINS)
    throw malformed(`${names.length} plugins, at most ${MAX_PLUGINS} are read`);
  return new Map(names.map((name) => [name, ticketOf(plugins[name], `plugin ${quoted(name)}`)]));
}

/** Writes a ticket as one line, as go-plugin programs print it; a Go host reads it as well. What it writes, {@link parseReattach} reads back. */
export function formatReattach(name: string, ticket: ReattachTicket): string {
  const { version, pid, startTime, isTest, address } = ticket;
  return JSON.stringify({
    [name]: {
      Protocol: "grpc",
      ProtocolVersion: version,
      Pid: pid,
      ...(startTime === undefined ? {} : { StartTime: startTime }),
      Test: isTest,
      Addr: { Network: "unix", String: address },
    },
  });
}

function ticketOf(value: unknown, where: string): ReattachTicket {
  const found = objectOf(value, where);
  const { Protocol: protocol, ProtocolVersion: version, Pid: pid, StartTime: startTime } = found;
  const { Network: network, String: address } = objectOf(found["Addr"], `Addr of ${where}`);
  const test = found["Test"] ?? false;
  if (protocol !== "grpc") throw malformed(`${where} speaks something else than grpc`);
  if (!isCount(version)) throw malformed(`${where} has no version`);
  // Zero is the group of whoever sends a signal, and one is not a plugin.
  if (!isCount(pid) || pid < 2) throw malformed(`${where} has no process id`);
  if (typeof test !== "boolean") throw malformed(`Test of ${where} is neither true nor false`);
  if (network !== "unix") throw malformed(`${where} is on something else than a Unix socket`);
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (typeof address !== "string" || !/^\/[^\u0000-\u001f\u007f]{0,1023}$/u.test(address))
    throw malformed(`${where} has no absolute path`);
  const hasStart = startTime !== undefined;
  if (hasStart && (typeof startTime !== "string" || !/^[\x21-\x7e]{1,64}$/u.test(startTime)))
    throw malformed(`StartTime of ${where} is no word`);
  return Object.freeze({
    version,
    pid,
    ...(hasStart ? { startTime } : {}),
    isTest: test,
    address,
  });
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;

function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw malformed(`${where} is no object`);
  return Object.assign(Object.create(null), value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed("it is no JSON", cause);
  }
}

const malformed = (found: string, cause?: unknown): ProtocolError =>
  new ProtocolError("REATTACH_MALFORMED", `Cannot read where to reattach: ${found}`, { cause });
