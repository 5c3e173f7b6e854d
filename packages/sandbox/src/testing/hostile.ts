import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type PolicyRequest } from "../policy.ts";
import { type Confined, openConfined } from "./confined.ts";

/** A sandbox with hidden canaries around it, for plugins that try to reach one. */
export interface Hostile extends AsyncDisposable {
  readonly confined: Confined;
  /** The text that no plugin may ever print. */
  readonly canary: string;
  /** A file of the host that everybody may read and that holds the canary. */
  readonly secret: string;
  /**
   * Runs a script with every program of the system at hand and answers what it printed, without the last line
   * that shows that it came to its end. Throws when it did not, or when it printed the canary.
   */
  attack(script: string, changes?: Partial<PolicyRequest>): Promise<string>;
}

/** Makes one. */
export async function openHostile(): Promise<Hostile> {
  const confined = await openConfined();
  const canary = `canary-${randomUUID()}`;
  const secret = `${confined.root}/secret`;
  await writeFile(secret, canary, { mode: 0o644 });
  process.env["SANDBOX_CANARY"] = canary;
  return {
    confined,
    canary,
    secret,
    async attack(script, changes = {}) {
      const { stdout } = await confined.shell(`${script}\necho; echo end`, {
        grants: ["exec.*"],
        ...changes,
      });
      if (!stdout.endsWith("\nend\n")) throw new Error(`The attack did not end: ${stdout}`);
      if (stdout.includes(canary)) throw new Error(`The attack succeeded: ${stdout}`);
      return stdout.slice(0, -"\nend\n".length).trim();
    },
    async [Symbol.asyncDispose]() {
      delete process.env["SANDBOX_CANARY"];
      await confined[Symbol.asyncDispose]();
    },
  };
}
