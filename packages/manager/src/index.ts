/**
 * Turns plugin folders into admitted, running, supervised plugins.
 *
 * @packageDocumentation
 */

export {};
