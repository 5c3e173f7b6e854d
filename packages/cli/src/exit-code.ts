/** Exit codes of `sigil`, the same for every verb. */
export const EXIT = Object.freeze({
  /** Done. */
  ok: 0,
  /** The command line was not understood; nothing was done. */
  usage: 2,
  /** Could not decide: a file that cannot be read, a port in use, a disk that is full. */
  undecided: 3,
  /** A plugin that is not what was approved, or that cannot be. */
  rejected: 4,
  /** A bundle that is refused, or does not pass its own tests. */
  bundleRefused: 5,
  /** A journal or an audit that does not verify. */
  notVerified: 6,
  /** A mission whose envelope refused a step. */
  envelopeRefused: 7,
});
