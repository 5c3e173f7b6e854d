import { CapabilityError } from "./capability-error.ts";
import { isNumeric } from "./is-numeric.ts";
import { capabilityIssue, isCapability, parseCapability } from "./parse.ts";
import { isVisibleCharacter } from "./visible-character.ts";
import type { Capability } from "./vocabulary.ts";

const MAX_HOST_UNITS = 253;
const MAX_LABEL_UNITS = 63;
const labelCharacters = new Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
const addressCharacters = new Set("0123456789abcdefABCDEF:.");

/**
 * Builds `net.<verb>.<host>:<port>` of a host name or address: lower case, non-ASCII names in punycode, IPv6 in
 * brackets in its short form, with or without brackets on the way in. It resolves no name: a name and its
 * address are two capabilities.
 *
 * @throws {@link CapabilityError} INVALID_HOST: user info, empty label, root dot, a character no host has,
 *   an IPv4 address not written as four decimal numbers, a zone, longer than DNS allows, port outside 1..65535.
 *   INVALID_CAPABILITY: `verb` is not one name
 */
export function netCapability(verb: string, host: string, port: number): Capability {
  if (!isCapability(verb) || verb.includes(".")) throw verbRefusal(verb);
  if (typeof host !== "string") throw refusal(`(${typeof host})`, "it is no text; pass a host");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw refusal(String(port), "the port is no integer from 1 to 65535");
  }
  const canonical = isAddress6(host) ? address6(host) : hostName(host);
  return parseCapability(`net.${verb}.${canonical}:${port}`);
}

function isAddress6(host: string): boolean {
  return host.startsWith("[") || host.split(":").length > 2;
}

function address6(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const parsed = Array.from(bare).every((character) => addressCharacters.has(character))
    ? parseHost(`[${bare}]`)
    : undefined;
  if (parsed === undefined) throw refusal(host, "it is no IPv6 address; write one without a zone");
  return parsed;
}

function hostName(host: string): string {
  if (host.includes("@")) throw refusal(host, "it holds user info; pass the host alone");
  if (host.endsWith("."))
    throw refusal(host, "it ends with the root dot or is empty; leave the dot out");
  // What the URL parser would strip, decode or split at must not get that far: "a\tb", "%2e", "a/b", "a:1".
  const stranger = Array.from(host).find((character) => !isHostCharacter(character));
  if (stranger !== undefined) throw refusal(host, "a label holds only letters, digits, - and _");

  const parsed = parseHost(host);
  const labels = parsed?.split(".") ?? [];
  if (parsed === undefined || !labels.every(isLabel) || parsed.length > MAX_HOST_UNITS) {
    throw refusal(host, "it is no host name; every label has 1 to 63 letters, digits, - or _");
  }
  const ascii = Array.from(host).every((character) => character <= "\x7f");
  // 0x7f.1, 0177.0.0.1 and 2130706433 are all 127.0.0.1 to some resolver: one address has one spelling.
  if (ascii ? parsed !== host.toLowerCase() : isNumeric(labels.at(-1) ?? "")) {
    throw refusal(host, "it is an address in another notation; write four decimal numbers");
  }
  return parsed;
}

/** Answers the canonical form of a host in a URL: IDNA to ASCII, addresses in their one form. */
function parseHost(host: string): string | undefined {
  const text = `http://${host}/`;
  return URL.canParse(text) ? new URL(text).hostname : undefined;
}

function isHostCharacter(character: string): boolean {
  if (character <= "\x7f") return character === "." || labelCharacters.has(character);
  return isVisibleCharacter(character.codePointAt(0) ?? 0);
}

function isLabel(label: string): boolean {
  return (
    label.length >= 1 &&
    label.length <= MAX_LABEL_UNITS &&
    Array.from(label).every((character) => labelCharacters.has(character))
  );
}

function verbRefusal(verb: string): CapabilityError {
  const several = { input: verb, index: 0, hint: "the verb is one name; write it without a dot" };
  const issue = isCapability(verb) ? several : capabilityIssue(verb);
  return new CapabilityError("INVALID_CAPABILITY", "build a net capability", [issue]);
}

function refusal(input: string, hint: string): CapabilityError {
  return new CapabilityError("INVALID_HOST", "build a net capability", [{ input, index: 0, hint }]);
}
