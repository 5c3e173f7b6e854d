/**
 * Writes byte-exact text: canonical JSON, safe relative paths, fold keys and file lists.
 *
 * @packageDocumentation
 */

export {};
