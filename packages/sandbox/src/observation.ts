import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type EgressDecision } from "./egress-decision.ts";
import { isWithin } from "./paths.ts";
import { type Intent, type TracedFailure } from "./trace-line.ts";

/** Something that a program tried and its policy does not let it do. */
export type Observation =
  | {
      /** A file, folder, program or socket that the host has and the sandbox does not show, or does not let it change. */
      readonly kind: "path";
      /** Its real path, which is what a grant has to name. */
      readonly path: string;
      /** What it wanted. */
      readonly intent: Intent;
      /** What the host has there; `nothing` where the program wanted to create it in a folder that exists. */
      readonly found: "file" | "directory" | "other" | "nothing";
    }
  | {
      /** A destination that it asked the proxy for. */
      readonly kind: "destination";
      /** Canonical name, or address without brackets. */
      readonly host: string;
      /** Port. */
      readonly port: number;
    }
  | {
      /** An address that it tried past the proxy, which no grant makes reachable that way. */
      readonly kind: "direct";
      /** The address. */
      readonly address: string;
      /** Port. */
      readonly port: number;
    }
  | {
      /** What was tried from here on is not known. */
      readonly kind: "incomplete";
      /** Why. */
      readonly reason: string;
    };

/** Hears of each thing once. What it throws ends nothing. */
export type Observer = (observation: Observation) => void;

/** Takes what was seen, and tells of each new thing that a policy could have allowed. */
export interface Observations {
  seen(failure: TracedFailure): void;
  refused(decision: Pick<EgressDecision, "outcome" | "host" | "port">): void;
}

/** Distinct things of one launch; a program that tries more is not one that a person could judge. */
const most = 4_096;

// Places of the sandbox itself, and those that no grant can show.
const inside = [
  "/plugin",
  "/data/plugins/self",
  "/home/plugin",
  "/run/plugin",
  "/run/sigil",
  "/proc",
  "/sys",
  "/dev",
];
// What loaders and libraries of the system look for in every program, and do without.
const ofTheSystem = [
  "/etc/ld.so.preload",
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/etc/ssl/openssl.cnf",
  "/usr/lib/ssl",
  "/etc/host.conf",
  "/etc/gai.conf",
  "/etc/locale.alias",
  "/usr/share/locale",
  "/etc/selinux",
];

/** Keeps what was observed apart from what it means nothing for: places inside, what the host lacks too, and repetitions. */
export function createObservations(observer: Observer): Observations {
  const known = new Set<string>();
  const isNew = (...parts: readonly (string | number)[]): boolean => {
    const key = parts.join(" ");
    if (known.has(key) || known.size > most) return false;
    known.add(key);
    if (known.size <= most) return true;
    tell({ kind: "incomplete", reason: `more than ${most} different things were tried` });
    return false;
  };
  const tell = (observation: Observation): void => {
    try {
      observer(Object.freeze(observation));
    } catch {
      // Whoever listens does not decide about the program.
    }
  };
  return {
    seen(failure) {
      if (failure.kind === "address") {
        const { address, port } = failure;
        if (!isLoopback(address) && isNew("direct", address, port)) {
          tell({ kind: "direct", address, port });
        }
        return;
      }
      const { path, intent } = failure;
      if ([...inside, ...ofTheSystem].some((place) => isWithin(path, place))) return;
      const there = path === "/" ? undefined : look(path, intent);
      if (there && isNew(intent, there.path)) tell({ kind: "path", intent, ...there });
    },
    refused({ outcome, host, port }) {
      if (outcome !== "denied" || host === null || port === null) return;
      if (isNew("destination", host, port)) tell({ kind: "destination", host, port });
    },
  };
}

const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

type There = Pick<Extract<Observation, { kind: "path" }>, "path" | "found">;

/** What the host has there; `undefined` where a program of the host would have failed alike. */
function look(path: string, intent: Intent): There | undefined {
  const there = thereIs(path);
  if (there || intent !== "write") return there;
  const parent = thereIs(dirname(path));
  if (parent?.found !== "directory") return undefined;
  return { path: join(parent.path, basename(path)), found: "nothing" };
}

function thereIs(path: string): There | undefined {
  try {
    const real = realpathSync.native(path);
    const stats = statSync(real);
    if (stats.isDirectory()) return { path: real, found: "directory" };
    return { path: real, found: stats.isFile() ? "file" : "other" };
  } catch {
    return undefined;
  }
}
