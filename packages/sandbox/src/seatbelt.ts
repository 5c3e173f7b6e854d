import { type Mount } from "./mount.ts";
import { type Policy } from "./policy.ts";

/** A Seatbelt profile and the values of its parameters. */
export interface SeatbeltProfile {
  /** Text of the profile. It holds no path of the policy, only parameter names. */
  readonly profile: string;
  /** Parameter name → path, for `-D`. */
  readonly params: Readonly<Record<string, string>>;
}

// Constants of macOS, never taken from a request.
const systemFolders = [
  "/usr/lib",
  "/usr/share",
  "/System/Library",
  "/System/Volumes/Preboot/Cryptexes",
  "/private/var/db/dyld",
  "/private/var/db/timezone",
];
const systemFiles = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/bin/sh"];
const programs = ["/bin/sh", "/usr/bin/env"];
const services = ["com.apple.system.logger", "com.apple.system.notification_center"];

/**
 * Renders a policy for `sandbox-exec`. Pure. Paths appear as parameters alone, so the text is equal for any
 * two policies of one shape and no path can add a rule. Network is denied, also where the policy names
 * destinations: this version has no proxy that could check them.
 */
export function renderSeatbelt(policy: Policy): SeatbeltProfile {
  const params: Record<string, string> = {};
  const filter = (path: string, isFolder: boolean): string => {
    const name = `P${Object.keys(params).length}`;
    params[name] = path;
    return `(${isFolder ? "subpath" : "literal"} (param "${name}"))`;
  };
  const lines = [
    ...head,
    ...policy.mounts.flatMap((mount) => mountRules(mount, filter)),
    ...policy.programs.map(({ path, tree }) => `(allow process-exec ${filter(path, tree)})`),
    // Later rules win: a mask takes back what a mount allowed.
    ...policy.masks.map(
      ({ source }) => `(deny file-read* file-write* process-exec ${filter(source, true)})`,
    ),
  ];
  return Object.freeze({
    profile: `${lines.join("\n")}\n`,
    params: Object.freeze(params),
  });
}

const head: readonly string[] = [
  "(version 1)",
  "(deny default)",
  "(allow process-fork)",
  "(allow signal (target same-sandbox))",
  "(allow sysctl-read)",
  ...services.map((name) => `(allow mach-lookup (global-name "${name}"))`),
  `(allow file-read-metadata (literal "/"))`,
  ...systemFolders.map((path) => `(allow file-read* (subpath "${path}"))`),
  ...systemFiles.map((path) => `(allow file-read* (literal "${path}"))`),
  `(allow file-write-data (literal "/dev/null"))`,
  ...programs.map((path) => `(allow process-exec (literal "${path}"))`),
];

function mountRules(
  { source, mode, kind, origin }: Mount,
  filter: (path: string, isFolder: boolean) => string,
): readonly string[] {
  const subject = filter(source, kind !== "file");
  if (mode === "rw") return [`(allow file-read* file-write* ${subject})`];
  // A read-only part of a writable folder comes later and so takes its writing away again.
  const rules = [`(allow file-read* ${subject})`, `(deny file-write* ${subject})`];
  return origin === "code" ? [...rules, `(allow process-exec ${subject})`] : rules;
}
