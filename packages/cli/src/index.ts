/**
 * The operator's commands of a Sigil gateway, over a composition that an application hands in.
 *
 * @packageDocumentation
 */

export type {
  AuditKeeper,
  AuditPlace,
  Composition,
  DecidedCall,
  StdioOwner,
} from "./composition.ts";
export { EXIT } from "./exit-code.ts";
export { runSigil } from "./run-sigil.ts";
export { escaped, type Terminal } from "./terminal.ts";
