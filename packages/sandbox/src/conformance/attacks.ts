import { type Attack } from "./attack.ts";
import { fileAttacks } from "./file-attacks.ts";
import { networkAttacks } from "./network-attacks.ts";
import { processAttacks } from "./process-attacks.ts";

/** The attacks that are one program, by their row. */
export const attacks: readonly Attack[] = [
  ...fileAttacks,
  ...networkAttacks,
  ...processAttacks,
].toSorted((one, other) => one.row - other.row);
