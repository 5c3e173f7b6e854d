import { Enforcer } from "@sigilrt/enforcer";
import type { CallCase } from "./call-ratio.ts";
import { openBenchStore } from "./bench-store.ts";

const request = {
  plugin: "notes",
  capability: "tool.notes.add",
  userId: "ada",
  workspaceId: "home",
  workspaceAllow: ["tool.*"],
  userPermissions: ["tool.*"],
};
const hundred = Array.from({ length: 100 }, () => request);

/** enforcement.md section 9: many decisions share one durable append. */
export const checkManyCase: CallCase = {
  name: "enforcer and audit: checkMany of 100, against 100 checks one after the other, durable",
  maxRatio: 0.1,
  calls: 3,
  async open() {
    const { store, close } = await openBenchStore();
    const enforcer = new Enforcer(store, Date);
    await enforcer.registerPlugin("notes", { allow: ["tool.notes.*"], deny: [] });
    return {
      ours: async () => (await enforcer.checkMany(hundred)).every(({ allowed }) => allowed),
      async peer() {
        let all = true;
        for (const one of hundred) {
          // oxlint-disable-next-line no-await-in-loop -- what is compared
          all &&= (await enforcer.check(one)).allowed;
        }
        return all;
      },
      [Symbol.asyncDispose]: close,
    };
  },
};
