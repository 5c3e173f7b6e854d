import { CapabilityError, netCapability, pathCapability } from "@sigilrt/capability";
import { type ManifestRule, quote } from "./manifest-error.ts";

type Broken = readonly [rule: ManifestRule, message: string] | undefined;

const reservedVariables = new Set([
  "PATH",
  "HOME",
  "TMPDIR",
  "SHELL",
  "IFS",
  "BASH_ENV",
  "ENV",
  "NODE_OPTIONS",
  "NODE_PATH",
  "PYTHONPATH",
  "PYTHONSTARTUP",
  "RUBYOPT",
  "PERL5OPT",
  "JAVA_TOOL_OPTIONS",
]);
const reservedPrefixes = ["LD_", "DYLD_", "GLIBC_", "MALLOC_", "SIGIL_", "PLUGIN_", "npm_"];

/** A variable that a plugin may set: none that steers a loader, an interpreter or the runtime itself. */
export function checkEnvName(name: string): Broken {
  if (reservedVariables.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix))) {
    return [
      "env.reserved",
      `Cannot set variable ${quote(name)}: it steers the loader, the shell or the runtime`,
    ];
  }
  return /^[A-Z][A-Z0-9_]{0,63}$/u.test(name)
    ? undefined
    : ["env.name", `Cannot set variable ${quote(name)}: write capitals, digits and _, at most 64`];
}

/** A path the sandbox shows or hides: absolute, in its one spelling, with at most a final star. */
export function checkPath(role: "write" | "deny"): (text: string) => Broken {
  return (text) => {
    const home = role === "deny" && text.startsWith("~/");
    const path = home ? text.slice(1) : text;
    const body = path.endsWith("/*") ? path.slice(0, -2) : path;
    if (body.includes("*")) {
      return [
        "path.pattern",
        `Cannot use path ${quote(text)}: a star stands only as the last segment`,
      ];
    }
    const canonical = canonicalPath(body === "" ? "/" : body);
    return canonical === (body === "" ? "/" : body)
      ? undefined
      : [
          "path.not-canonical",
          `Cannot use path ${quote(text)}: write it absolute, without ., .., // or a final /`,
        ];
  };
}

/** A destination: a name in lower case, a name with one star in front, or an address; and a port. */
export function checkNetworkEntry(text: string): Broken {
  return networkPattern(text) === undefined
    ? ["network.entry", `Cannot reach ${quote(text)}: write host:port, as in api.example.org:443`]
    : undefined;
}

/** The capability pattern of a network entry; `undefined` when it is none. */
export function networkPattern(text: string): string | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  if (host === undefined || port === undefined || port.startsWith("0")) return undefined;
  const star = host.startsWith("*.");
  const name = star ? host.slice(2) : host;
  // "*.org" would be half of the internet, and a star before a number a piece of an address.
  if (star && (!name.includes(".") || /(?:^|\.)\d+$/u.test(name) || name.startsWith("["))) {
    return undefined;
  }
  try {
    const capability: string = netCapability("connect", name, Number(port));
    const canonical = capability === `net.connect.${name}:${port}`;
    return canonical ? `net.connect.${star ? "*." : ""}${name}:${port}` : undefined;
  } catch (error) {
    if (error instanceof CapabilityError) return undefined;
    throw error;
  }
}

/** The capability pattern of a path with an optional final star; the path is canonical. */
export function pathPattern(prefix: string, path: string): string {
  if (!path.endsWith("/*")) return pathCapability(prefix, path);
  const folder = pathCapability(prefix, path === "/*" ? "/" : path.slice(0, -2));
  return folder.endsWith("/") ? `${folder}*` : `${folder}/*`;
}

/** An OCI image reference. */
export const checkImage = (text: string): Broken =>
  /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/u.test(
    text,
  )
    ? undefined
    : [
        "container.image",
        `Cannot use image ${quote(text)}: write name, tag and digest, as in ghcr.io/o/p:1@sha256:…`,
      ];

/** Where a volume is mounted: below /data, in its one spelling. */
export const checkMount = (text: string): Broken =>
  text.startsWith("/data/") && !text.includes("*") && canonicalPath(text) === text
    ? undefined
    : ["storage.mount", `Cannot mount at ${quote(text)}: write a path below /data/`];

function canonicalPath(path: string): string | undefined {
  try {
    const prefix = "filesystem.read";
    const spelled: string = pathCapability(prefix, path);
    return spelled
      .slice(prefix.length + 1)
      .replaceAll("%2A", "*")
      .replaceAll("%25", "%");
  } catch (error) {
    if (error instanceof CapabilityError) return undefined;
    throw error;
  }
}
