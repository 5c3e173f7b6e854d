/** What `sigil --help` prints. */
export const HELP = `Usage: sigil <verb> [options]

  init                                 write gateway.yaml, a data folder with keys, an empty lock; print the first token
     --user U --workspace W            for whom; me, in home
  up                                   run the gateway until SIGINT or SIGTERM
     --stdio --user U --workspace W    serve one client on standard input and output: through the gateway that
                                       holds the data folder, or with one of its own when none does
     --watch                           follow the plugins' folders; what changes passes the same gates as with reload
  token create --user U --workspace W  make a token; it is shown once
     --expires 30d                     when it ends: days, hours (h), minutes (m), or a time; without it when it is revoked
     --mission FILE                    bound to a mission: its operations and its end hold for every call
     --operator --user U               one that opens the operator's page and its metrics, as far as U's permissions below admin go
  token list                           every token: id, whose, until when, last use
  token revoke ID                      end one with its next request
  add SOURCE [-- ARGUMENTS]            bring a plugin to where it waits for a review; nothing of it runs. SOURCE is a folder, a
                                       bundle (.zip), an .mcpb file, or npm:<name>@<exact version>
     --name N                          its name here, where its source has no plugin.yaml
     --bin B --set NAME=VALUE          which program of a package is the server; a value that an .mcpb file asks for
  review PLUGIN                        what it is, may touch and says, and what changed; starts it once, with nothing granted
     --with-rights                     start it with all that it asks for, when it does not start without
  approve PLUGIN --digest D --user U   agree to exactly what was reviewed, and pin it
     --secret NAME                     and give it this secret, read from standard input
  reject PLUGIN --user U               remove what waits; what runs stays
  run PLUGIN --tool T                  call a tool of an approved plugin, contained and on record, with no gateway running
     --arguments JSON                  what it is called with; {} when absent
     --user U --workspace W            whose call it is; the first user of gateway.yaml, in their first workspace
  run PLUGIN --learn                   run what waits once, contained and watched, and propose the smallest manifest that it needs
     --tool T --arguments JSON         a call to watch; --scenario FILE holds several: {"calls": [{"tool": T, "arguments": {}}]}
     --write                           put the proposal in place of its manifest; it is reviewed and approved like any other
  list                                 every plugin of the gateway that runs: state, version, tier, why it does not run
  inspect PLUGIN                       the same in full, with what it was granted
  logs PLUGIN                          the newest lines of its error stream, and what its host says of it
     --follow                          and those to come, until the gateway stops
  start PLUGIN                         start it before its first call, and see whether it starts
     --clear-quarantine                also when it crashed too often
  stop PLUGIN                          stop it after its calls; the next call starts it again
  reload PLUGIN                        replace it by what lies in its folder, without losing a call
  reload --configuration               put gateway.yaml in force, all of it or, where it has a fault, none
  rollback PLUGIN                      go back to the version before, through the same checks
  secret set PLUGIN NAME               keep a secret that the plugin declares, read from standard input, sealed; restarts the plugin
  secret list                          which secrets are declared, and which have a value; shows none of the values
  secret remove PLUGIN NAME            forget it
  bundle pack FOLDER --out FILE        one file of a plugin folder, with the list of what is in it
     --compression deflate             smaller, and not the same bytes everywhere
     --allow PATH                      something that a build or a test left behind, on purpose; may be repeated
  bundle inspect FILE                  whether it is whole, what it is and asks for; runs no byte of it
     --require PATH --signer KEY       refuse it without a file, or without a signature by ed25519:<key> in FILE.sig
  bundle extract FILE --to FOLDER      its files, in a folder that does not exist yet
  bundle test FILE                     what it says can prove it, in a sandbox with nothing granted
     --steps imports,tests             which; --lock FILE refuses what is not locked; --evidence FOLDER keeps the output
  doctor                               what holds on this machine and what does not, each with the remedy
  lock init                            an empty lock file
  lock verify                          whether every plugin is what was approved; runs and writes nothing
     --base FILE                       the gateway.yaml of another checkout: what changed since, in bytes and in tool texts
  lock update                          lock changed bytes that ask for no more and say nothing else
  lock migrate                         the same, for a lock of the first design
  mission run FILE --user U            run a mission on the gateway that runs, in the repository that is the current folder
     --repository FOLDER               another repository; --resume ID goes on with what a crash interrupted
  mission show ID                      its steps, what it cost, what was refused
  mission verify ID                    whether its journal is whole; --checkpoint FILE kept elsewhere, may be repeated
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

Every verb: --config FILE, else what SIGIL_CONFIG names; --json
The audit verbs: --directory DIR instead of --config, for a copy

Exit codes: 0 done, 2 usage, 3 could not decide, 4 a plugin is not what was approved, 5 a bundle is refused,
6 the log does not verify, 7 the envelope of a mission refused a step`;
