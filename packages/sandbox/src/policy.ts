import { applyDenials, foldBelow, readDenials } from "./denials.ts";
import { egressRule, type EgressRule, isDenied } from "./egress-rules.ts";
import { policyEnvironment } from "./environment.ts";
import {
  byPlace,
  foldGrants,
  type PathGrant,
  readGrants,
  readPatterns,
  type ReadGrants,
} from "./grants.ts";
import { checkLimits, type SandboxLimits } from "./limits.ts";
import { type Mask, type Mount } from "./mount.ts";
import { byBytes, checkGrantable, checkPath, isWithin, type PathGlob } from "./paths.ts";
import { jsonDigest } from "./policy-digest.ts";
import { checkCommand } from "./program.ts";
import { quoted } from "./quoted.ts";
import { parseReadDeny } from "./read-deny.ts";
import { SandboxError } from "./sandbox-error.ts";

/** What a policy is compiled from. */
export interface PolicyRequest {
  /** Name of the plugin, for reports and violations; at most 128 characters. */
  readonly plugin: string;
  /** The effective grants as canonical pattern strings: the same array that the enforcer holds. */
  readonly grants: readonly string[];
  /** Patterns that are denied whatever is granted. */
  readonly denials?: readonly string[];
  /** Paths that stay hidden inside what is visible; `~/` is the sandbox's home. */
  readonly readDeny?: readonly string[];
  /** The verified tree on the host; inside it is `/plugin`, read-only. */
  readonly code: string;
  /** The plugin's private directory on the host; inside it is `/data/plugins/self`, writable. */
  readonly data?: string;
  /** Folders of the gateway (its data, its store, data of other plugins) that no grant may show, from above or below. */
  readonly reserved?: readonly string[];
  /** Program and arguments. Item 0 is a relative path in `code`, or the name of a runtime. */
  readonly command: readonly [string, ...string[]];
  /** What one launch may use. */
  readonly limits: SandboxLimits;
  /** Where it will run. */
  readonly platform: "linux" | "darwin";
}

/** Something a person who consents should know about a policy. */
export type PolicyNote = "write-implies-read" | "any-destination" | "all-programs";

/** What a plugin's processes may touch: frozen, plain JSON, lists sorted bytewise. */
export interface Policy {
  /** SHA-256 in hex of the canonical JSON of every other field. */
  readonly digest: string;
  /** As given. */
  readonly plugin: string;
  /** As given. */
  readonly command: readonly [string, ...string[]];
  /** As given. */
  readonly platform: "linux" | "darwin";
  /** Every host path that is visible beside the system's libraries, by its place inside. */
  readonly mounts: readonly Mount[];
  /** Programs that `exec` grants name; each is visible through one of `mounts`. */
  readonly programs: readonly PathGlob[];
  /** Every path that stays hidden inside what is visible. */
  readonly masks: readonly Mask[];
  /** Allowed destinations, and what is cut out of them; empty means no network. */
  readonly egress: readonly EgressRule[];
  /** The fixed variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** As given. */
  readonly limits: SandboxLimits;
  /** What a person should know. */
  readonly notes: readonly PolicyNote[];
  /** As given, sorted; checked again at launch against real paths. */
  readonly reserved: readonly string[];
}

/** The tree, or the one file, that becomes `/plugin`. */
export interface CodeMount {
  readonly source: string;
  readonly target: string;
  readonly kind: "file" | "directory";
}

const ownData = "/data/plugins/self";

/**
 * Turns effective grants into what the operating system will show. Pure; the result is the same for every
 * order of the grants.
 * @throws {SandboxError} POLICY_REFUSED, PATH_REFUSED, HOST_REFUSED, GRANT_TOO_BROAD, GRANT_NOT_EXPRESSIBLE
 */
export function compilePolicy(request: PolicyRequest): Policy {
  const source = checkPath(request.code, "the code directory");
  return compileWith(request, { source, target: "/plugin", kind: "directory" });
}

/** `compilePolicy` for a tree or a single file. @throws {SandboxError} as compilePolicy */
export function compileWith(request: Omit<PolicyRequest, "code">, code: CodeMount): Policy {
  const { plugin, platform } = request;
  checkName(plugin);
  if (platform !== "linux" && platform !== "darwin") {
    throw new SandboxError("POLICY_REFUSED", "Cannot compile for this platform: linux or darwin");
  }
  const command = checkCommand(request.command);
  const reserved = (request.reserved ?? []).map((path) => checkPath(path, "the reserved folder"));
  const data = dataFolder(request.data);

  const granted = readGrants(request.grants);
  const closed = [...reserved, ...(data === undefined ? [] : [data.source])];
  for (const { path, access } of granted.paths) {
    // A tree of the store is shown as /plugin alone, and no plugin may write its own program.
    const isClosed = code.kind === "directory" || access === "write";
    const mode = access === "write" ? "write" : "read";
    checkGrantable(path, mode, isClosed ? [...closed, code.source] : closed);
  }
  const hidden = parseReadDeny(request.readDeny ?? [], { code, data });
  const denials = [...hidden.denials, ...readDenials(request.denials ?? [], granted.paths)];
  const { kept, readOnly, masks } = applyDenials(granted.paths, denials);
  const own: Mount[] = [{ ...code, mode: "ro", origin: "code" }];
  if (data !== undefined && !hidden.hidesData) {
    own.push({ ...data, mode: "rw", kind: "directory", origin: "data" });
  }
  const folded = foldBelow([...masks, ...hidden.masks]);
  const shown = readOnly.filter(({ target }) => !isHidden(target, folded));
  const mounts = [...own, ...foldGrants(kept), ...shown];
  const egress = egressRules(granted, request.denials ?? []);

  const body = {
    plugin,
    command,
    platform,
    mounts: mounts.toSorted(byPlace),
    programs: programsOf(kept),
    masks: folded,
    egress,
    environment: policyEnvironment(egress.length > 0),
    limits: checkLimits(request.limits),
    notes: notesOf(mounts, egress, granted.allPrograms),
    reserved: [...new Set(reserved)].toSorted(byBytes),
  };
  return deepFreeze({ digest: jsonDigest(body), ...body });
}

/** Whether the digest of a policy is that of its content. */
export function isIntact({ digest, ...body }: Policy): boolean {
  return jsonDigest(body) === digest;
}

function checkName(plugin: string): void {
  const isName = plugin !== "" && plugin.length <= 128 && /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u.test(plugin);
  if (isName) return;
  throw new SandboxError(
    "POLICY_REFUSED",
    `Cannot compile a policy for the plugin ${quoted(plugin)}: the name is empty, too long or holds control characters`,
  );
}

function dataFolder(path: string | undefined): { source: string; target: string } | undefined {
  if (path === undefined) return undefined;
  return { source: checkPath(path, "the data directory"), target: ownData };
}

function programsOf(grants: readonly PathGrant[]): readonly PathGlob[] {
  const programs = grants.filter(({ access }) => access === "exec");
  const unique = new Map(programs.map(({ path, tree }) => [`${path} ${tree}`, { path, tree }]));
  return [...unique].toSorted(([left], [right]) => byBytes(left, right)).map(([, glob]) => glob);
}

function isHidden(target: string, masks: readonly Mask[]): boolean {
  return masks.some((mask) => isWithin(target, mask.target));
}

// A denial that cuts nothing out of an allowance is left out; without an allowance there is no network.
function egressRules(granted: ReadGrants, denials: readonly string[]): readonly EgressRule[] {
  if (granted.egress.length === 0) return [];
  const denied = readPatterns(denials, "denials").flatMap(
    (pattern) => egressRule(pattern, "deny") ?? [],
  );
  const allowed = granted.egress.filter((allow) => !denied.some((deny) => isDenied(allow, deny)));
  const kept = allowed.length === 0 ? [] : [...allowed, ...denied];
  const unique = new Map(
    kept.map((rule) => [`${rule.host}:${rule.port} ${rule.kind} ${rule.effect}`, rule]),
  );
  return [...unique].toSorted(([left], [right]) => byBytes(left, right)).map(([, rule]) => rule);
}

function notesOf(
  mounts: readonly Mount[],
  egress: readonly EgressRule[],
  allPrograms: boolean,
): readonly PolicyNote[] {
  const isAny = egress.some(({ kind, effect }) => kind === "any" && effect === "allow");
  const hasWrite = mounts.some(({ origin, mode }) => origin === "grant" && mode === "rw");
  return [
    ...(allPrograms ? (["all-programs"] as const) : []),
    ...(isAny ? (["any-destination"] as const) : []),
    ...(hasWrite ? (["write-implies-read"] as const) : []),
  ];
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
