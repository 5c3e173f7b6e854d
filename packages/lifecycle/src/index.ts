/**
 * Holds the states of a plugin, the PluginHost contract and its conformance suite.
 *
 * @packageDocumentation
 */

export {};
