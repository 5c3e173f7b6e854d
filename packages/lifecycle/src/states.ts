/** Where an instance of a plugin stands. `stopped` and `error` are terminal: recovery is a new instance with a higher epoch. */
export type PluginState =
  | "discovered"
  | "validating"
  | "loading"
  | "running"
  | "draining"
  | "stopping"
  | "stopped"
  | "error";

/** Every state, in the order of an ordinary life, then `error`. */
export const PLUGIN_STATES: readonly PluginState[] = Object.freeze([
  "discovered",
  "validating",
  "loading",
  "running",
  "draining",
  "stopping",
  "stopped",
  "error",
]);

const successors: ReadonlyMap<PluginState, readonly PluginState[]> = new Map<
  PluginState,
  readonly PluginState[]
>([
  ["discovered", ["validating"]],
  ["validating", ["loading", "error"]],
  ["loading", ["running", "error"]],
  ["running", ["draining", "error"]],
  ["draining", ["stopping", "error"]],
  ["stopping", ["stopped", "error"]],
  ["stopped", []],
  ["error", []],
]);

/**
 * Answers whether an instance may go from one state straight to another. Total and safe on any input: what is not a state
 * answers `false`, and so does a state to itself.
 */
export function validTransition(from: PluginState, to: PluginState): boolean {
  return successors.get(from)?.includes(to) ?? false;
}
