/**
 * Tells whether the bytes about to run are the bytes that were locked.
 *
 * @packageDocumentation
 */

export {};
