/**
 * Makes a plugin project for Sigil that passes its own tests. `npm create sigil-plugin NAME` does it from the command line.
 *
 * @packageDocumentation
 */

export { createProject } from "./create-project.ts";
export { ScaffoldError, type ScaffoldErrorCode } from "./scaffold-error.ts";
