import { isSignedBy, parseSignatures } from "./signature.ts";
import type { VerifyRejection } from "./rejection.ts";
import type { PluginVerifier, Verification, VerifierSubject } from "./verifier.ts";

/** Where signatures come from. */
export interface Ed25519VerifierOptions {
  /**
   * Answers the text of the plugin's signature file, which is {@link signPlugin}'s lines, or `undefined` when there is none. The text
   * is not trusted; a source that throws is `verifier_failed`.
   */
  readonly signatures: (
    subject: VerifierSubject,
    options: {
      /** Aborts when the time is up. */
      readonly signal: AbortSignal;
    },
  ) => Promise<string | undefined> | string | undefined;
}

/**
 * Confirms a digest that one of the lock entry's `signers` signed, together with the plugin's name and version. It says who approved
 * the bytes and not that they are locked: join it with `treeDigestVerifier` by `allOf`.
 */
export function ed25519Verifier({ signatures }: Ed25519VerifierOptions): PluginVerifier {
  const name = "ed25519";
  return {
    name,
    async verify(subject, options) {
      const { plugin, locked } = subject;
      const text = await signatures(subject, options);
      if (text === undefined) return refuse({ kind: "signature_missing", plugin });
      const found = typeof text === "string" ? parseSignatures(text) : undefined;
      if (!found) return refuse({ kind: "signature_invalid", plugin });

      const trusted = found.filter(({ signer }) => locked?.signers?.includes(signer) === true);
      const valid = trusted.find((signature) => isSignedBy(subject, signature));
      if (valid) {
        return { ok: true, evidence: { verifier: name, detail: `signed by ${valid.signer}` } };
      }
      const [invalid] = trusted;
      if (invalid) return refuse({ kind: "signature_invalid", plugin, signer: invalid.signer });
      return refuse({ kind: "untrusted_signer", plugin, signer: found[0]?.signer ?? "" });
    },
  };
}

const refuse = (rejection: VerifyRejection): Verification => ({
  ok: false,
  rejection: Object.freeze(rejection),
});
