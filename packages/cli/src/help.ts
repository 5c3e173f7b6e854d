/** What `sigil --help` prints. */
export const HELP = `Usage: sigil <verb> [options]

  up                                   run the gateway until SIGINT or SIGTERM
     --stdio --user U --workspace W    serve one client on standard input and output: through the gateway that
                                       holds the data folder, or with one of its own when none does
  token create --user U --workspace W  make a token that stays; it is shown once
  audit tail                           the newest records, oldest of them first
     --limit N                         how many; 20
     --plugin P --user U --result R    only those of a plugin, a user, a result (allowed, denied, ok, failed)
  audit query                          what matches, newest first; the options of tail, and
     --from T --to T                   times such as 2026-01-02T03:04:05Z
     --workspace W --reason R          of a workspace, with a reason
     --capability PATTERN              of capabilities that a pattern covers
     --cursor C                        the next page
  audit explain DECISION               which sets allow the call, which stop it, and the smallest change
  audit export --format otel|jsonl     every record, oldest first, a line each
     --after LOG:SEQ                   only what came after a place, such as audit-000001:17
  audit verify                         whether the log is whole, and what that proves
     --checkpoint FILE                 a file of checkpoints kept elsewhere; may be repeated
     --key FILE                        a file with the public key that signed them; may be repeated
     --index                           whether the index of queries hides nothing
     --fast                            hash the lines as they are, without writing each record again
  audit reseal --reason TEXT           give up what is damaged and go on behind it; verify names it from then on
     --checkpoint FILE --key FILE      as with verify
  audit prune --before T               remove whole old segments that a checkpoint elsewhere covers
     --by NAME                         with reseal and prune: who does it; the user of this machine when absent

Every verb: --config FILE (gateway.yaml), --json
The audit verbs: --directory DIR instead of --config, for a copy

Exit codes: 0 done, 2 usage, 3 could not decide, 6 the log does not verify`;
