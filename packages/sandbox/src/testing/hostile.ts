import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type Confined, openConfined } from "./confined.ts";

/** A sandbox with hidden canaries around it, for plugins that try to reach one. */
export interface Hostile extends AsyncDisposable {
  readonly confined: Confined;
  /** The text that no plugin may ever print. */
  readonly canary: string;
  /** A file of the host that everybody may read and that holds the canary. */
  readonly secret: string;
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
    async [Symbol.asyncDispose]() {
      delete process.env["SANDBOX_CANARY"];
      await confined[Symbol.asyncDispose]();
    },
  };
}
