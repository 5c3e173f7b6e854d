/**
 * Runs WebAssembly plugins in a worker with a deadline, a memory limit and no ambient rights.
 *
 * @packageDocumentation
 */

export {};
