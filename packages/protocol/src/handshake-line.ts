import { LIMITS } from "./limits.ts";
import { ProtocolError } from "./protocol-error.ts";
import { quoted } from "./quoted.ts";

/** The line by which a plugin tells how it is reached. Everything in it is a claim of the plugin. */
export interface HandshakeLine {
  /** Version of the handshake itself; `1` is the only one there is. */
  readonly coreVersion: number;
  /** The application version the plugin chose. */
  readonly version: number;
  /** The kind of address. */
  readonly network: "unix" | "tcp";
  /** A path, or `ip:port`. */
  readonly address: string;
  /** What is spoken there; a line that does not say means `netrpc`. */
  readonly protocol: string;
  /** The plugin's certificate as DER; absent means no TLS. */
  readonly certificate?: Uint8Array;
  /** Whether the plugin multiplexes; absent when it was not asked. */
  readonly multiplex?: boolean;
}

/** A certificate field of this many characters or fewer counts as empty. */
const EMPTY_CERTIFICATE_CHARACTERS = 50;

/**
 * Reads a handshake line, with or without its line break. Whether version, network and protocol are acceptable is for the host to
 * say.
 *
 * @throws {@link ProtocolError} `HANDSHAKE_MALFORMED`, `CERTIFICATE_MALFORMED`
 */
export function parseHandshake(line: string): HandshakeLine {
  if (line.length > LIMITS.handshakeLineBytes) {
    throw malformed(`${line.length} characters, at most ${LIMITS.handshakeLineBytes} are read`);
  }
  const fields = line.trim().split("|");
  const [core, version, network, address, protocol = "netrpc", certificate = "", mux] = fields;
  if (
    fields.length > 7 ||
    core === undefined ||
    version === undefined ||
    network === undefined ||
    address === undefined
  ) {
    throw malformed(`${fields.length} fields instead of 4 to 7 in ${quoted(line)}`);
  }
  if (!isAddress(address)) throw malformed(`no address in ${quoted(line)}`);
  const der = certificateOf(certificate);
  const multiplex = multiplexOf(mux, line);
  return Object.freeze({
    coreVersion: numberOf(core, "core version", line),
    version: numberOf(version, "application version", line),
    network: networkOf(network, line),
    address,
    protocol,
    ...(der === undefined ? {} : { certificate: der }),
    ...(multiplex === undefined ? {} : { multiplex }),
  });
}

/**
 * Writes a handshake line without its line break: six fields, and the seventh only when `multiplex` is present. What it writes,
 * {@link parseHandshake} reads back.
 *
 * @throws RangeError when a field could not be read back
 */
export function formatHandshake(line: HandshakeLine): string {
  const { coreVersion, version, network, address, protocol, certificate, multiplex } = line;
  for (const number of [coreVersion, version]) {
    if (!DECIMAL.test(String(number))) {
      throw new RangeError(`Cannot write a handshake: ${number} is not a version`);
    }
  }
  if (!isAddress(address) || /[|\s]/u.test(protocol) || protocol === "") {
    throw new RangeError("Cannot write a handshake: address or protocol has a forbidden character");
  }
  const encoded = certificate === undefined ? "" : encodeBase64(certificate);
  if (certificate !== undefined && encoded.length <= EMPTY_CERTIFICATE_CHARACTERS) {
    throw new RangeError("Cannot write a handshake: the certificate is too short to be one");
  }
  const six = [coreVersion, version, network, address, protocol, encoded].join("|");
  return multiplex === undefined ? six : `${six}|${multiplex}`;
}

const DECIMAL = /^(?:0|[1-9]\d{0,8})$/u;

// A control character or a separator in an address would make two readers see two addresses.
const isAddress = (text: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  text !== "" && text === text.trim() && !/[|\u0000-\u001f\u007f]/u.test(text);

function numberOf(text: string, name: string, line: string): number {
  if (!DECIMAL.test(text)) throw malformed(`the ${name} is no decimal number in ${quoted(line)}`);
  return Number(text);
}

function networkOf(text: string, line: string): "unix" | "tcp" {
  if (text !== "unix" && text !== "tcp") {
    throw malformed(`the network is neither unix nor tcp in ${quoted(line)}`);
  }
  return text;
}

function multiplexOf(text: string | undefined, line: string): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== "true" && text !== "false") {
    throw malformed(`the seventh field is neither true nor false in ${quoted(line)}`);
  }
  return text === "true";
}

function certificateOf(text: string): Uint8Array | undefined {
  if (text.length <= EMPTY_CERTIFICATE_CHARACTERS) return undefined;
  const der = decodeBase64(text);
  if (der !== undefined) return der;
  throw new ProtocolError(
    "CERTIFICATE_MALFORMED",
    `Cannot read the certificate of a handshake: ${quoted(text)} is not base64 without padding`,
  );
}

const malformed = (found: string): ProtocolError =>
  new ProtocolError("HANDSHAKE_MALFORMED", `Cannot read a handshake line: ${found}`);

const encodeBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("=", "");

/** Decodes standard base64 without padding; only the one spelling of a value is taken. */
function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+$/u.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return encodeBase64(bytes) === text ? bytes : undefined;
}
