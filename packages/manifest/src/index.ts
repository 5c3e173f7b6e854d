/**
 * Parses and validates plugin.yaml, with position, rule and suggestion for every fault.
 *
 * @packageDocumentation
 */

export {};
