import { lstatSync } from "node:fs";
import { basename } from "node:path";
import { bwrapOptions, closingOptions, prlimitInside, type ResolvedMask } from "./bwrap-args.ts";
import { mergedLayout, readLayout, type SystemLayout } from "./layout.ts";
import { prlimitArguments, type SandboxLimits } from "./limits.ts";
import { type Mask } from "./mount.ts";
import { checkPath, isBelow, isOwnData, programFault } from "./paths.ts";
import { type CodeMount, compileWith, type Policy } from "./policy.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";
import { renderSeatbelt } from "./seatbelt.ts";

/** The part of a plugin manifest that says how to contain it; a parsed `Manifest` fits. */
export interface SandboxManifest {
  /** Name of the plugin. */
  readonly name: string;
  /** How it is isolated, and what it asks of the operating system. */
  readonly execution: {
    /** Only `process` is contained by this package. */
    readonly tier: "process" | "wasm" | "container";
    /** An absent section, at every depth, asks for nothing. */
    readonly sandbox?: {
      /** Paths that may be written, and paths that stay hidden. */
      readonly filesystem?: {
        /** Absolute paths, with an optional final star; below `/data/plugins/self` none is needed. */
        readonly writeAllow?: readonly string[];
        /** Absolute paths, or below `~/`, the home inside. */
        readonly readDeny?: readonly string[];
      };
      /** Destinations as `host:port`; `proxy: false` is refused beside any. */
      readonly network?: { readonly allow?: readonly string[]; readonly proxy?: boolean };
    };
  };
  /** Patterns that the plugin asks for, taken here as granted. */
  readonly capabilities?: readonly string[];
  /** Limits; what is absent gets the manifest's own default. */
  readonly resources?: {
    /** Default 256 MiB. */
    readonly memoryBytes?: number;
    /** Cores; default 1. */
    readonly cpu?: number;
    /** Processes; default 64. */
    readonly pids?: number;
  };
}

/** Settings of `generateArgs`. */
export interface GenerateArgsOptions {
  /** Default: the running platform. */
  readonly platform?: NodeJS.Platform;
  /** The tree that holds the program, to be bound whole; default: the program alone is bound. */
  readonly code?: string;
  /** The plugin's private directory; default: none is bound. */
  readonly data?: string;
  /** Where the system keeps its libraries. Default: the running system is looked at, or a merged `/usr` is assumed for another one. */
  readonly layout?: SystemLayout;
}

const defaultLimits: SandboxLimits = Object.freeze({
  memoryBytes: 268_435_456,
  pids: 64,
  cpuCores: 1,
  openFiles: 1_024,
  fileBytes: 1_073_741_824,
  tmpBytes: 67_108_864,
});

/**
 * Answers the complete wrapper command for what the manifest asks, as if all of it were granted; `null`
 * for the tiers `wasm` and `container`, on every platform. Never changes a list of the caller. With
 * `layout` nothing outside the arguments is looked at. No descriptor is inherited, so destinations of the
 * manifest get no network from these arguments, never an open one. `Sandbox.launch` is the only supported way
 * to run a plugin.
 * @throws {SandboxError} as compilePolicy; UNSUPPORTED_PLATFORM; BINARY_REFUSED
 */
export function generateArgs(
  manifest: SandboxManifest,
  binaryPath: string,
  options: GenerateArgsOptions = {},
): readonly string[] | null {
  const { tier } = manifest.execution;
  switch (tier) {
    case "wasm":
    case "container":
      return null;
    case "process":
      break;
    default:
      tier satisfies never;
      throw new SandboxError(
        "POLICY_REFUSED",
        "Cannot contain this tier: process, wasm, container",
      );
  }
  const { platform = process.platform } = options;
  if (platform !== "linux" && platform !== "darwin") {
    throw new SandboxError(
      "UNSUPPORTED_PLATFORM",
      `Cannot contain a process on ${quoted(platform)}: only Linux and macOS are known`,
      { remedy: "Use the wasm tier" },
    );
  }
  const code = codeMount(binaryPath, options.code);
  const program = programInside(binaryPath, code);
  const policy = compileWith(request(manifest, program, platform, options.data), code);
  return Object.freeze(
    platform === "linux"
      ? linuxArguments(policy, program, options.layout)
      : darwinArguments(policy, binaryPath),
  );
}

function codeMount(binaryPath: string, tree: string | undefined): CodeMount {
  const isText = typeof binaryPath === "string";
  const fault = isText ? programFault(binaryPath) : "it is no string";
  if (fault !== undefined) refuseBinary(binaryPath, fault);
  if (tree === undefined) {
    return { source: binaryPath, target: `/plugin/${basename(binaryPath)}`, kind: "file" };
  }
  checkPath(tree, "the code directory");
  if (!isBelow(binaryPath, tree)) refuseBinary(binaryPath, `it is not inside ${quoted(tree)}`);
  return { source: tree, target: "/plugin", kind: "directory" };
}

function programInside(binaryPath: string, { source, target, kind }: CodeMount): string {
  return kind === "file" ? target : `${target}${binaryPath.slice(source.length)}`;
}

function request(
  manifest: SandboxManifest,
  program: string,
  platform: "linux" | "darwin",
  data: string | undefined,
): Parameters<typeof compileWith>[0] {
  const { filesystem = {}, network = {} } = manifest.execution.sandbox ?? {};
  const { allow = [], proxy = true } = network;
  if (!proxy && allow.length > 0) {
    throw new SandboxError(
      "POLICY_REFUSED",
      "Cannot let a plugin reach hosts without the proxy: network.proxy is false; remove it or the hosts",
    );
  }
  const { memoryBytes, cpu, pids } = manifest.resources ?? {};
  return {
    plugin: manifest.name,
    grants: [
      ...(manifest.capabilities ?? []),
      ...(filesystem.writeAllow ?? []).filter((path) => !isOwnData(path)).map(writePattern),
      ...allow.map((destination) => `net.connect.${destination}`),
    ],
    readDeny: filesystem.readDeny ?? [],
    ...(data === undefined ? {} : { data }),
    command: [program.slice(1)],
    limits: {
      ...defaultLimits,
      memoryBytes: memoryBytes ?? defaultLimits.memoryBytes,
      cpuCores: cpu ?? defaultLimits.cpuCores,
      pids: pids ?? defaultLimits.pids,
    },
    platform,
  };
}

// "filesystem.write.data" would name no path and so be ignored in silence.
function writePattern(path: string): string {
  if (path.startsWith("/")) return `filesystem.write.${path}`;
  throw new SandboxError(
    "PATH_REFUSED",
    `Cannot use writeAllow ${quoted(path)}: it is not absolute`,
  );
}

function linuxArguments(
  policy: Policy,
  program: string,
  given: SystemLayout | undefined,
): readonly string[] {
  const isHere = given === undefined && process.platform === "linux";
  const layout = given ?? (isHere ? readLayout() : mergedLayout);
  const options = bwrapOptions({
    layout,
    prlimit: "/usr/bin/prlimit",
    runtimes: [],
    generated: [],
    environment: policy.environment,
    tmpBytes: policy.limits.tmpBytes,
    mounts: policy.mounts,
    masks: policy.masks.flatMap((mask) => (isHere ? maskHere(mask) : maskAsSpelled(mask))),
    sockets: undefined,
  });
  return [
    "/usr/bin/bwrap",
    ...options,
    ...closingOptions,
    "--",
    prlimitInside,
    ...prlimitArguments(policy.limits, { program, coveredDescriptors: 0, isGrouped: false }),
    program,
  ];
}

function maskAsSpelled({ target, tree }: Mask): readonly ResolvedMask[] {
  return [{ target, kind: tree ? "directory" : "file" }];
}

function maskHere(mask: Mask): readonly ResolvedMask[] {
  const found = lstatSync(mask.source, { throwIfNoEntry: false });
  if (found !== undefined) {
    return [{ target: mask.target, kind: found.isDirectory() ? "directory" : "file" }];
  }
  if (mask.inside !== "rw" && mask.inside !== "data") return [];
  throw new SandboxError(
    "PATH_REFUSED",
    `Cannot hide ${quoted(mask.target)}: nothing is there yet, and the plugin could create it; create it first`,
  );
}

function darwinArguments(policy: Policy, binaryPath: string): readonly string[] {
  const { profile, params } = renderSeatbelt(policy);
  const defined = Object.entries(params).flatMap(([name, path]) => ["-D", `${name}=${path}`]);
  return ["/usr/bin/sandbox-exec", "-p", profile, ...defined, "--", binaryPath];
}

function refuseBinary(binaryPath: unknown, fault: string): never {
  const shown = typeof binaryPath === "string" ? quoted(binaryPath) : typeof binaryPath;
  throw new SandboxError(
    "BINARY_REFUSED",
    `Cannot contain the program ${shown}: ${fault}; give the absolute path of a file`,
  );
}
