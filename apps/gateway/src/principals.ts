import type { Principal } from "@sigilrt/manager";
import { CapabilitySet } from "@sigilrt/capability";
import type { Configuration } from "./configuration.ts";
import type { TokenOwner } from "./tokens.ts";

/** The people of a configuration, with what they and their workspaces may use. */
export interface Principals {
  /** The principal of a user in a workspace; `undefined` when the configuration does not know the user there. */
  find(owner: TokenOwner): Principal | undefined;
}

/** Makes the principals of a configuration, each set parsed once. */
export function principals({ users, workspaces }: Configuration): Principals {
  const known = new Map<string, Principal>();
  for (const [user, { permissions, workspaces: member }] of users) {
    const own = CapabilitySet.from(permissions);
    for (const workspace of member) {
      const workspaceAllow = CapabilitySet.from(workspaces.get(workspace)?.allow ?? []);
      known.set(key({ user, workspace }), { user, workspace, workspaceAllow, permissions: own });
    }
  }
  return { find: (owner) => known.get(key(owner)) };
}

const key = ({ user, workspace }: TokenOwner): string => JSON.stringify([user, workspace]);
