/**
 * Names rights, decides which pattern covers which, and how two sets of patterns relate.
 *
 * @packageDocumentation
 */

export {};
