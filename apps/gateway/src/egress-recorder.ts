import type { Enforcer } from "@sigilrt/enforcer";
import type { EgressDecision } from "@sigilrt/sandbox";
import type { Principals } from "./principals.ts";

/** Whom a contained program serves; both are absent for one that several people share. */
export interface Served {
  readonly workspace?: string | undefined;
  readonly user?: string | undefined;
}

/** What connections are recorded with. */
export interface EgressRecorderOptions {
  readonly enforcer: Pick<Enforcer, "check">;
  readonly principals: Principals;
  readonly log: (line: string) => void;
}

/**
 * Records what contained plugins connect to. A program of one person is decided again, as the plugin for that person: the check is
 * the record, and a right that was taken away since the start stops the connection. One that is shared has no person to ask for, so
 * what its grants allow stands in the operator's log.
 *
 * @throws Error from the recorder when the connection must not be made
 */
export function egressRecorder({ enforcer, principals, log }: EgressRecorderOptions) {
  return async (decision: EgressDecision, served: Served | undefined): Promise<void> => {
    const { plugin, host, port, outcome } = decision;
    const { user, workspace } = served ?? {};
    const isDecided = outcome === "allowed" || outcome === "denied";
    const owner =
      user === undefined || workspace === undefined
        ? undefined
        : principals.find({ user, workspace });
    if (!isDecided || host === null || owner === undefined) {
      // What was stopped is told as a violation.
      if (outcome === "allowed") log(`plugin ${plugin}: connects to ${shown(host)}:${port}`);
      return;
    }
    const answer = await enforcer.check({
      plugin,
      capability: `net.connect.${shown(host)}:${port}`,
      userId: owner.user,
      workspaceId: owner.workspace,
      workspaceAllow: owner.workspaceAllow,
      userPermissions: owner.permissions,
    });
    if (outcome === "allowed" && !answer.allowed) {
      throw new Error(`Cannot connect to ${shown(host)}:${port}: ${answer.reason}`);
    }
  };
}

const shown = (host: string | null): string => (host?.includes(":") ? `[${host}]` : `${host}`);
