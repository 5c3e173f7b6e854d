import type { Principal } from "./call.ts";
import type { ManagerEventFacts } from "./events.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** For whom an instance runs. */
export type InstanceOwner = Pick<Principal, "workspace" | "user">;

/** The part of an owner that an instance is bound to: nothing for `shared`, the workspace, or workspace and user. */
export function scopeOf(
  scope: "user" | "workspace" | "shared",
  { workspace, user }: InstanceOwner,
): readonly string[] {
  switch (scope) {
    case "user":
      return [workspace, user];
    case "workspace":
      return [workspace];
    case "shared":
      return [];
    default:
      return scope satisfies never;
  }
}

/** Names the pool that serves an owner: state of one scope never reaches another through a process they share. */
export function poolKey({ manifest, tree }: AdmittedPlugin, owner: InstanceOwner): string {
  const { name, lifecycle } = manifest;
  return JSON.stringify([name, tree.digest, ...scopeOf(lifecycle.scope, owner)]);
}

/** Whether two are the same bytes of the same plugin, whoever agreed to them. */
export const isSame = (one: AdmittedPlugin, other: AdmittedPlugin): boolean =>
  one.manifest.name === other.manifest.name && one.tree.digest === other.tree.digest;

/** What events say of a plugin. */
export const named = ({ manifest, tree }: AdmittedPlugin): ManagerEventFacts => ({
  plugin: manifest.name,
  digest: tree.digest,
});
