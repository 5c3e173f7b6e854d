import type { CallLimits, LimitTable } from "./call-limits.ts";
import type { WrittenConfiguration } from "./configuration-schema.ts";

type Written = Readonly<{ [Name in keyof CallLimits]: CallLimits[Name] | undefined }>;

/** Brings the limits of a configuration together. What a name sets for itself stands in place of what is set for each. */
export function limitTable({
  limits,
  workspaces,
  users,
  plugins,
}: Pick<WrittenConfiguration, "limits" | "workspaces" | "users" | "plugins">): LimitTable {
  const of = (scope: "gateway" | "workspace" | "user" | "plugin" | "tool"): CallLimits =>
    known({
      rate: limits.rate[scope],
      concurrency: limits.concurrency[scope],
      budget: limits.budget[scope],
    });
  const each = {
    workspace: of("workspace"),
    user: of("user"),
    plugin: of("plugin"),
    tool: of("tool"),
  };
  const tools = Object.entries(plugins).flatMap(([plugin, { limits: held }]) =>
    Object.entries(held.tools).map(
      ([tool, limit]) => [`${plugin}.${tool}`, { ...each.tool, ...known(limit) }] as const,
    ),
  );
  return {
    gateway: of("gateway"),
    each,
    workspaces: own(workspaces, each.workspace),
    users: own(users, each.user),
    plugins: own(plugins, each.plugin),
    tools: new Map(tools),
  };
}

const own = (
  entries: Readonly<Record<string, { readonly limits: Written }>>,
  general: CallLimits,
): ReadonlyMap<string, CallLimits> =>
  new Map(
    Object.entries(entries).map(([name, { limits }]) => [
      name,
      Object.assign({}, general, known(limits)),
    ]),
  );

function known({ rate, concurrency, budget }: Written): CallLimits {
  return {
    ...(rate === undefined ? {} : { rate }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(budget === undefined ? {} : { budget }),
  };
}
