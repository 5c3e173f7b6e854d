import { SandboxError } from "./sandbox-error.ts";

/** Who a plugin runs as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** Whether the launcher must change to it, without supplementary groups. */
  readonly changes: boolean;
}

/** The identity that the operator chose for plugins. */
export type RunAs = { readonly uid: number; readonly gid: number } | "root";

const maxId = 4_294_967_294;

/**
 * Applies the rules for uid 0: root inside a user namespace is still root's file owner outside.
 * @throws {SandboxError} ROOT_IDENTITY, LIMIT_UNENFORCEABLE
 */
export function resolveIdentity(
  runAs: RunAs | undefined,
  own: { readonly uid: number; readonly gid: number },
): Identity {
  if (runAs === "root") {
    throw new SandboxError(
      "LIMIT_UNENFORCEABLE",
      "Cannot run plugins as root: process limits do not bind uid 0, and this version has no control groups",
      { remedy: "Set runAs to an unprivileged uid and gid", failed: ["identity"] },
    );
  }
  if (runAs === undefined) {
    if (own.uid !== 0) return { ...own, changes: false };
    throw new SandboxError("ROOT_IDENTITY", "Cannot run plugins: this process is uid 0", {
      remedy: "Set runAs to an unprivileged uid and gid",
      failed: ["identity"],
    });
  }
  const { uid, gid } = runAs;
  const isOrdinary = [uid, gid].every((id) => Number.isInteger(id) && id > 0 && id <= maxId);
  if (!isOrdinary) {
    throw new SandboxError(
      "ROOT_IDENTITY",
      "Cannot run plugins: runAs names no ordinary uid and gid",
      {
        remedy: "Set runAs to an unprivileged uid and gid, neither of them 0",
        failed: ["identity"],
      },
    );
  }
  if (uid === own.uid && gid === own.gid) return { uid, gid, changes: false };
  if (own.uid === 0) return { uid, gid, changes: true };
  throw new SandboxError(
    "ROOT_IDENTITY",
    `Cannot run plugins as uid ${uid}: this process is uid ${own.uid}`,
    {
      remedy: "Leave out runAs, or start the gateway as root",
      failed: ["identity"],
    },
  );
}
