/** The versions of the WIT package `sigil:plugin` that `wit/plugin.wit` and its kept predecessors define. */
export const WIT_VERSIONS: readonly string[] = Object.freeze(["0.1.0"]);
