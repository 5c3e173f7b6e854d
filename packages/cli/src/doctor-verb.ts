import { coloured } from "./coloured.ts";
import { EXIT } from "./exit-code.ts";
import { escaped, type Terminal } from "./terminal.ts";

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at. */
  readonly subject: string;
  /** `failed`: plugins cannot be contained, or what is there is not what was approved. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found. */
  readonly detail: string;
  /** What to do; absent when there is nothing to do. */
  readonly remedy?: string;
}

const tones = { ok: "good", warning: "unsure", failed: "bad" } as const;

/** Shows what holds on this machine and what does not, each with the remedy. */
export function showFindings(
  findings: readonly Finding[],
  { json }: { readonly json: boolean },
  terminal: Terminal,
): number {
  const { out } = terminal;
  if (json) out(JSON.stringify(findings));
  else {
    for (const { subject, state, detail, remedy } of findings) {
      const word = coloured(terminal, tones[state], state.padEnd(8));
      out(`${word} ${escaped(`${subject}: ${detail}`)}`);
      if (remedy !== undefined) out(escaped(`         → ${remedy}`));
    }
  }
  return findings.some(({ state }) => state === "failed") ? EXIT.undecided : EXIT.ok;
}
