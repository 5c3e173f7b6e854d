import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

const name = /^[A-Z_][A-Z0-9_]{0,63}$/;
const maxValueBytes = 131_072;
const maxTotalBytes = 1_048_576;

// Variables by which a loader or an interpreter runs code or reads files of someone else's choice.
const reserved = new Set([
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
const reservedPrefixes = ["LD_", "DYLD_", "GLIBC_", "MALLOC_"];

const base = {
  PATH: "/usr/bin:/bin",
  HOME: "/home/plugin",
  TMPDIR: "/tmp",
  LANG: "C.UTF-8",
} as const;

const httpProxy = "http://127.0.0.1:3128";
const socksProxy = "socks5h://127.0.0.1:3128";
const egress = {
  HTTP_PROXY: httpProxy,
  HTTPS_PROXY: httpProxy,
  ALL_PROXY: socksProxy,
  http_proxy: httpProxy,
  https_proxy: httpProxy,
  all_proxy: socksProxy,
  NODE_USE_ENV_PROXY: "1",
  SIGIL_EGRESS_SOCKET: "/run/sigil/egress/proxy.sock",
} as const;

/** The variables that every plugin sees, and with network those that name the way out. */
export function policyEnvironment(hasEgress: boolean): Readonly<Record<string, string>> {
  return Object.freeze({ ...base, ...(hasEgress ? egress : {}) });
}

/**
 * Joins the policy's variables and those of one launch; nothing is inherited.
 * @throws {SandboxError} ENV_REFUSED for a name in both, a reserved or malformed name, NUL or an oversized value
 */
export function mergeEnvironment(
  fixed: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const merged = new Map(Object.entries(fixed));
  let bytes = 0;
  for (const [key, value] of Object.entries(added)) {
    const fault = variableFault(key, value, merged);
    if (fault !== undefined) {
      throw new SandboxError("ENV_REFUSED", `Cannot set the variable ${quoted(key)}: ${fault}`);
    }
    bytes += key.length + Buffer.byteLength(value);
    merged.set(key, value);
  }
  if (bytes > maxTotalBytes) {
    throw new SandboxError(
      "ENV_REFUSED",
      `Cannot set the variables: ${bytes} bytes; at most ${maxTotalBytes} are passed on`,
    );
  }
  return Object.freeze(Object.fromEntries(merged));
}

function variableFault(
  key: string,
  value: unknown,
  merged: ReadonlyMap<string, string>,
): string | undefined {
  if (!name.test(key)) return "the name is not made of capitals, digits and underscores";
  if (reserved.has(key) || reservedPrefixes.some((prefix) => key.startsWith(prefix))) {
    return "it steers a loader or an interpreter";
  }
  if (typeof value !== "string") return "the value is no string";
  // A NUL would end the value, and the launcher would read the rest as options.
  if (value.includes("\0")) return "the value holds a NUL";
  if (!value.isWellFormed()) return "the value holds a lone surrogate";
  if (Buffer.byteLength(value) > maxValueBytes) return `the value is over ${maxValueBytes} bytes`;
  // Hosts let plugins make their sockets below /run/plugin; every other clash hides a fixed variable.
  const isSocketFolder = key === "TMPDIR" && /^\/run\/plugin(?:\/[A-Za-z0-9_-]+)*$/.test(value);
  return merged.has(key) && !isSocketFolder ? "the sandbox sets it itself" : undefined;
}
