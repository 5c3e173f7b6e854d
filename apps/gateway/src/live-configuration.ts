import { isDeepStrictEqual } from "node:util";
import type { ReloadedConfiguration } from "@sigilrt/cli";
import type { AuditStore } from "@sigilrt/enforcer";
import type { CallLimiter } from "./call-limits.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import type { LivePrincipals } from "./principals.ts";

/** The configuration that is in force, and the way to another one. */
export interface LiveConfiguration {
  readonly current: Configuration;
  /**
   * Reads the file anew and puts all of it in force, on record before its effect, or none of it. Two at once run one after the other.
   *
   * @throws ConfigurationError for a faulty file, Error for a change that needs a start, and what the store of records or the look at the
   * plugins threw; then the one before stays in force
   */
  reload(): Promise<ReloadedConfiguration>;
}

/** What follows the configuration of a gateway that runs. */
export interface Followers {
  readonly principals: LivePrincipals;
  readonly limiter: CallLimiter;
  readonly audit: Pick<AuditStore, "append">;
  /** The folders that the manager looks at. */
  readonly folders: string[];
  /** Looks at the plugins' folders. */
  readonly look: () => Promise<unknown>;
}

/** What a gateway is built on; another value needs another gateway. */
const fixed = ["listen", "page", "data", "lock", "consents", "audit", "runAs"] as const;

/** Holds the configuration of a gateway that runs. */
export function liveConfiguration(first: Configuration, followers: Followers): LiveConfiguration {
  const { principals, limiter, audit, folders, look } = followers;
  let current = first;
  let line: Promise<unknown> = Promise.resolve();
  const record = (result: "ok" | "failed", reason: string, sha256?: string): Promise<unknown> =>
    audit.append([
      {
        action: "config.changed",
        actor: "system:gateway",
        result,
        reason,
        ...(sha256 === undefined ? {} : { detail: { sha256 } }),
      },
    ]);
  const lookAt = async (next: Configuration): Promise<void> => {
    const before = [...folders];
    folders.splice(0, folders.length, ...[...next.plugins.values()].map(({ path }) => path));
    try {
      await look();
    } catch (error) {
      folders.splice(0, folders.length, ...before);
      throw error;
    }
  };
  const reload = async (): Promise<ReloadedConfiguration> => {
    let next: Configuration;
    try {
      next = await readConfiguration(current.path);
      refuseFixed(current, next);
    } catch (error) {
      await record("failed", "CONFIGURATION_REFUSED");
      throw error;
    }
    const changed = next.digest !== current.digest;
    if (!changed) return { changed, digest: next.digest };
    await record("ok", "ok", next.digest);
    if (!isDeepStrictEqual(next.plugins, current.plugins)) await lookAt(next);
    // From here on nothing can fail, and no call comes between.
    principals.replace(next);
    limiter.replace(next.limits);
    current = next;
    return { changed, digest: next.digest };
  };
  return {
    get current() {
      return current;
    },
    reload() {
      const done = line.then(reload, reload);
      line = done.catch(() => undefined);
      return done;
    },
  };
}

function refuseFixed(current: Configuration, next: Configuration): void {
  const moved = fixed.filter((name) => !isDeepStrictEqual(current[name], next[name]));
  if (moved.length === 0) return;
  const names = moved.map((name) => (name === "runAs" ? "sandbox.run_as" : name)).join(", ");
  throw new Error(
    `Cannot take over ${current.path}: ${names} changed, which needs a new start; the configuration before stays in force`,
  );
}
