/**
 * Starts a program so that the operating system holds it to what was granted.
 *
 * @packageDocumentation
 */

export {};
