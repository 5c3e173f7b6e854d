const MAX_NAME_UNITS = 64;
const form = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;
// They stand for somebody else in capabilities: config.read.self, node.<id>.<plugin>.
const reserved: ReadonlySet<string> = new Set(["self", "gateway", "host", "tool", "node"]);

/** Answers whether `name` may be the id of a plugin. The form with a publisher and a slash is reserved. */
export function isPluginName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    name.length <= MAX_NAME_UNITS &&
    form.test(name) &&
    !reserved.has(name)
  );
}
