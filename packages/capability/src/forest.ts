/**
 * Holds many sets of patterns in one trie, for engines that ask several of them about one capability.
 *
 * @packageDocumentation
 */

export { CapabilityForest } from "./capability-forest.ts";
