import { compileEnvelope, type Envelope, type EnvelopeSpec, partsOf } from "./envelope.ts";
import { foldedPatternCovers, type PathPattern, patternCovers } from "./path-pattern.ts";

/** What of a child goes beyond its parent. */
export type WidenedPart =
  | "allowOps"
  | "allowPaths"
  | "denyPaths"
  | "protectedPaths"
  | "maxBudgetUsd"
  | "expiresAt";

/** What became of narrowing an envelope. */
export type AttenuateOutcome =
  | {
      /** The child may do nothing that its parent may not. */
      readonly ok: true;
      /** The child, at the same root, with the same protected objects. */
      readonly envelope: Envelope;
    }
  | {
      /** The child may do more, or it could not be shown that it does not. */
      readonly ok: false;
      /** Always this. */
      readonly reason: "envelope_widened";
      /** Where. */
      readonly parts: readonly WidenedPart[];
    };

/**
 * Makes a child's envelope when every operation, path, sum and time of it is covered by the parent's and it keeps every denial.
 *
 * @throws what `compileEnvelope` throws for a spec that is none
 */
export function attenuateEnvelope(parent: Envelope, child: EnvelopeSpec): AttenuateOutcome {
  const outer = partsOf(parent);
  const { protectedObjects } = outer;
  const envelope = compileEnvelope(child, { root: parent.root, protectedObjects });
  const inner = partsOf(envelope);

  const covered: Readonly<Record<WidenedPart, boolean>> = {
    allowOps: parent.allow.covers(envelope.allow),
    allowPaths: each(inner.allowPaths, outer.allowPaths, patternCovers),
    denyPaths: each(outer.denyPaths, inner.denyPaths, foldedPatternCovers),
    protectedPaths: each(outer.protectedPaths, inner.protectedPaths, foldedPatternCovers),
    maxBudgetUsd: envelope.maxBudget <= parent.maxBudget,
    expiresAt:
      (envelope.expiresAt ?? Number.POSITIVE_INFINITY) <=
      (parent.expiresAt ?? Number.POSITIVE_INFINITY),
  };
  const names: readonly WidenedPart[] = [
    "allowOps",
    "allowPaths",
    "denyPaths",
    "protectedPaths",
    "maxBudgetUsd",
    "expiresAt",
  ];
  const parts = names.filter((name) => !covered[name]);
  return parts.length === 0
    ? { ok: true, envelope }
    : { ok: false, reason: "envelope_widened", parts };
}

const each = (
  narrow: readonly PathPattern[],
  wide: readonly PathPattern[],
  covers: (wide: PathPattern, narrow: PathPattern) => boolean,
): boolean => narrow.every((one) => wide.some((other) => covers(other, one)));
