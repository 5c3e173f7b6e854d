import type { Principal } from "@sigilrt/manager";
import { CapabilitySet } from "@sigilrt/capability";
import type { Configuration } from "./configuration.ts";
import type { TokenOwner } from "./tokens.ts";

/** The people of a configuration, with what they and their workspaces may use. */
export interface Principals {
  /** The principal of a user in a workspace; `undefined` when the configuration does not know the user there. */
  find(owner: TokenOwner): Principal | undefined;
}

/** The people of a configuration that may be exchanged while the gateway runs. */
export interface LivePrincipals extends Principals {
  /** For a connection that stays: its rights are those of the configuration that is in force, none once the user is not in it. */
  follow(owner: TokenOwner): Principal | undefined;
  replace(configuration: Pick<Configuration, "users" | "workspaces">): void;
}

/** Makes the principals of a configuration, each set parsed once. */
export function principals(configuration: Pick<Configuration, "users" | "workspaces">): Principals {
  const known = new Map<string, Principal>();
  const { users, workspaces } = configuration;
  for (const [user, { permissions, workspaces: member }] of users) {
    const own = CapabilitySet.from(permissions);
    for (const workspace of member) {
      const workspaceAllow = CapabilitySet.from(workspaces.get(workspace)?.allow ?? []);
      known.set(key({ user, workspace }), { user, workspace, workspaceAllow, permissions: own });
    }
  }
  return { find: (owner) => known.get(key(owner)) };
}

/** The same, for a gateway that runs. */
export function livePrincipals(configuration: Configuration): LivePrincipals {
  let current = principals(configuration);
  return {
    find: (owner) => current.find(owner),
    follow(owner) {
      if (!current.find(owner)) return undefined;
      const { user, workspace } = owner;
      return {
        user,
        workspace,
        get workspaceAllow() {
          return current.find(owner)?.workspaceAllow ?? nothing;
        },
        get permissions() {
          return current.find(owner)?.permissions ?? nothing;
        },
      };
    },
    replace(next) {
      current = principals(next);
    },
  };
}

/** Who is meant where nobody is named: the first user, in their first workspace. @throws Error when the configuration has none */
export function firstOwner({ users, path }: Pick<Configuration, "users" | "path">): TokenOwner {
  for (const [user, { workspaces }] of users) {
    const [workspace] = workspaces;
    if (workspace !== undefined) return { user, workspace };
  }
  throw new Error(`Cannot start: ${path} names no user, so nobody could use the gateway`);
}

const nothing = CapabilitySet.from([]);

const key = ({ user, workspace }: TokenOwner): string => JSON.stringify([user, workspace]);
