/**
 * Decides whether a plugin may do something for a user in a workspace, and records the answer.
 *
 * @packageDocumentation
 */

export {};
