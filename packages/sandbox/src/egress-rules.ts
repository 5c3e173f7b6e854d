import { isIPv4, isIPv6 } from "node:net";
import { unmapped } from "./address-guard.ts";
import { type Destination } from "./destination.ts";
import { type Pattern } from "./pattern.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** One destination that is allowed, or cut out of what is allowed. A denial wins over every allowance. */
export interface EgressRule {
  /** Whether the destination is granted or taken away from a wider grant. */
  readonly effect: "allow" | "deny";
  /** `name`: exactly `host`. `suffix`: at least one label before `.host`. `address`: this literal. `any`: every public name. */
  readonly kind: "name" | "suffix" | "address" | "any";
  /** Lower-case name, canonical address without brackets, or `*` for `any`. */
  readonly host: string;
  /** The one port; `null` means every port and stands only beside `any`. */
  readonly port: number | null;
}

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const maxName = 253;

/**
 * Answers the destinations that a pattern covers; `undefined` when it covers none.
 * @throws {SandboxError} HOST_REFUSED for a destination that is malformed or that no rule can express
 */
export function egressRule(pattern: Pattern, effect: EgressRule["effect"]): EgressRule | undefined {
  const [family, verb, ...host] = pattern.names;
  if (pattern.path !== undefined) return undefined;
  if (family === "*") {
    if (pattern.names.length === 1) return anywhere(effect);
    // A star in place of the family can run into the labels of a host: only ports and stars reach one.
    const last = pattern.names.at(-1) ?? "";
    return last === "*" || last.includes(":")
      ? refuse(pattern.text, "a star before the host")
      : undefined;
  }
  if (family !== "net") return undefined;
  if (verb === "*" && host.length === 0) return anywhere(effect);
  if (verb === "*") return refuse(pattern.text, "a star in place of the verb");
  if (verb !== "connect" || host.length === 0) return undefined;
  if (host.length === 1 && host[0] === "*") return anywhere(effect);
  return { effect, ...parseHostPort(host.join("."), pattern.text) };
}

/** Whether `deny` takes away everything that `allow` gives. */
export function isDenied(allow: EgressRule, deny: EgressRule): boolean {
  if (deny.kind === "any") return true;
  if (allow.kind === "any" || allow.port !== deny.port) return false;
  if (deny.kind !== "suffix") return allow.kind === deny.kind && allow.host === deny.host;
  if (allow.kind === "suffix" && allow.host === deny.host) return true;
  return allow.kind !== "address" && allow.host.endsWith(`.${deny.host}`);
}

/**
 * Whether a connection may go there. A denial wins; a name, a suffix and `any` never cover an address literal, so
 * that only naming one reaches it.
 */
export function isDestinationAllowed(
  rules: readonly EgressRule[],
  destination: Destination,
): boolean {
  const found = rules.filter((rule) => covers(rule, destination));
  return found.length > 0 && found.every(({ effect }) => effect === "allow");
}

/** Whether an address is taken away by name, whatever name led to it. */
export function isAddressDenied(
  rules: readonly EgressRule[],
  address: string,
  port: number,
): boolean {
  const denials = rules.filter(({ effect }) => effect === "deny");
  return denials.some((rule) => covers(rule, { kind: "address", host: address, port }));
}

function covers(rule: EgressRule, { kind, host, port }: Destination): boolean {
  if (rule.port !== null && rule.port !== port) return false;
  switch (rule.kind) {
    case "any":
      return kind === "name" || rule.effect === "deny";
    case "suffix":
      return kind === "name" && host.endsWith(`.${rule.host}`);
    case "name":
      return kind === "name" && host === rule.host;
    case "address":
      if (kind !== "address") return false;
      // Another spelling of a denied address is denied; one of a granted address is not granted.
      return (
        host === rule.host || (rule.effect === "deny" && unmapped(host) === unmapped(rule.host))
      );
    default:
      return rule.kind satisfies never;
  }
}

function parseHostPort(text: string, whole: string): Omit<EgressRule, "effect"> {
  const [, host = "", digits = ""] = /^(.*):([1-9][0-9]{0,4})$/s.exec(text) ?? [];
  const port = Number(digits);
  if (host === "" || port > 65_535) refuse(whole, "no port from 1 to 65535 behind the host");
  if (host.startsWith("[")) {
    const inner = host.endsWith("]") ? host.slice(1, -1) : "";
    if (!isIPv6(inner) || inner.includes("%")) refuse(whole, "no IPv6 address in the brackets");
    return { kind: "address", host: new URL(`http://[${inner}]`).hostname.slice(1, -1), port };
  }
  if (isIPv4(host)) return { kind: "address", host, port };
  const isSuffix = host.startsWith("*.");
  const name = isSuffix ? host.slice(2) : host;
  const labels = name.split(".");
  if (name.length > maxName || !labels.every((part) => label.test(part))) {
    refuse(whole, "the host is no lower-case name, and a star stands only as its first label");
  }
  // 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are spellings of addresses that some resolvers accept.
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")) {
    refuse(whole, "the host ends like an address and is none");
  }
  if (isSuffix && labels.length < 2) refuse(whole, "a star covers a whole top-level domain");
  return { kind: isSuffix ? "suffix" : "name", host: name, port };
}

function anywhere(effect: EgressRule["effect"]): EgressRule {
  return { effect, kind: "any", host: "*", port: null };
}

function refuse(text: string, fault: string): never {
  throw new SandboxError(
    "HOST_REFUSED",
    `Cannot read the destination ${quoted(text)}: ${fault}; write host:port, *.domain:port or an address literal`,
  );
}
