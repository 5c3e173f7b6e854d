/**
 * Runs plugins that are programs of their own, over the go-plugin wire protocol.
 *
 * @packageDocumentation
 */

export {};
