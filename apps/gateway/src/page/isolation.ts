import type { ProcessTier } from "../process-tier.ts";

/** How far a plugin is kept from everything else, and what that rests on. */
export interface Isolation {
  /** `gaps`: contained, and something that would hold it better is missing on this machine. */
  readonly rating: "memory" | "contained" | "gaps" | "none";
  readonly words: string;
  readonly reasons: readonly string[];
}

/** Rates the isolation of a tier on this machine, by what was probed at the start. */
export function isolationOf(tier: string | undefined, processTier: ProcessTier): Isolation {
  if (tier === "wasm") {
    return {
      rating: "memory",
      words: "WebAssembly: no program, no files, no network",
      reasons: [
        "it reaches only what the gateway hands in, call by call, after a decision",
        "its work is counted and it can be stopped at any instruction",
      ],
    };
  }
  if (!processTier.usable) {
    const { reason, remedy } = processTier;
    return { rating: "none", words: "not isolated, so it does not run", reasons: [reason, remedy] };
  }
  const { probes } = processTier.sandbox.report;
  const gaps = probes.filter(({ status }) => status !== "passed");
  const reasons = [...gaps, ...probes.filter(({ status }) => status === "passed")].map(
    ({ name, status, detail, remedy }) => {
      const missing =
        status === "passed" ? "" : ` (${status}${remedy === undefined ? "" : `; ${remedy}`})`;
      return `${name}: ${detail}${missing}`;
    },
  );
  return gaps.length === 0
    ? { rating: "contained", words: "Contained by the operating system", reasons }
    : { rating: "gaps", words: `Contained, with ${countOf(gaps.length)}`, reasons };
}

const countOf = (gaps: number): string => (gaps === 1 ? "one gap" : `${gaps} gaps`);
