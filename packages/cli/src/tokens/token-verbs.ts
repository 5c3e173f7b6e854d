import { readMissionFile } from "../mission/read-mission-file.ts";
import { instantOf, read, readSubject } from "../command-line.ts";
import type { Composition, StdioOwner } from "../composition.ts";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import type { ShownToken, TokenDesk } from "./token-desk.ts";

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;
const owner = { user: { type: "string" }, workspace: { type: "string" } } as const;

/** Runs `token create`, `list` or `revoke`. */
export function runTokenVerb(
  verb: string,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "create":
      return create(argv, composition, terminal);
    case "list":
      return list(argv, composition, terminal);
    case "revoke":
      return revoke(argv, composition, terminal);
    default:
      throw new UsageError(`Cannot run "token ${verb}": after token comes create, list or revoke`);
  }
}

/** Reads whom a verb is for. @throws {@link UsageError} */
export function ownerOf(
  verb: string,
  user: string | undefined,
  workspace: string | undefined,
): StdioOwner {
  if (user !== undefined && workspace !== undefined) return { user, workspace };
  throw new UsageError(`Cannot run ${verb}: it needs --user and --workspace`);
}

async function create(
  argv: readonly string[],
  composition: Composition,
  { out, err }: Terminal,
): Promise<number> {
  const options = {
    ...common,
    ...owner,
    expires: { type: "string" },
    mission: { type: "string" },
    operator: { type: "boolean" },
  } as const;
  const { config, json, user, workspace, expires, mission, operator = false } = read(argv, options);
  if (operator) {
    if (expires !== undefined || mission !== undefined) {
      throw new UsageError(
        "Cannot run token create --operator: it takes no --expires, no --mission",
      );
    }
    const path = config ?? composition.defaultConfiguration;
    const made = await operatorToken(path, user, workspace, composition);
    out(json === true ? JSON.stringify({ user, token: made }) : made);
    if (json !== true) err("It is shown this once; only its hash is kept.");
    return EXIT.ok;
  }
  const whose = ownerOf("token create", user, workspace);
  const ends = expires === undefined ? {} : { expires: endOf(expires, Date.now()) };
  const bound = mission === undefined ? {} : { mission: await readMissionFile(mission) };
  const token = await composition.createToken(config ?? composition.defaultConfiguration, whose, {
    ...ends,
    ...bound,
  });
  out(json === true ? JSON.stringify({ ...whose, ...ends, token }) : token);
  if (json !== true) err("It is shown this once; only its hash is kept.");
  return EXIT.ok;
}

function operatorToken(
  config: string,
  user: string | undefined,
  workspace: string | undefined,
  composition: Composition,
): Promise<string> {
  if (user === undefined || workspace !== undefined) {
    throw new UsageError("Cannot run token create --operator: it needs --user, and no workspace");
  }
  if (composition.createOperatorToken) return composition.createOperatorToken(config, user);
  throw new UsageError("Cannot make an operator's token: this program has no page");
}

async function list(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json } = read(argv, common);
  const tokens = await deskOf(composition).list(config ?? composition.defaultConfiguration);
  if (json === true) out(JSON.stringify(tokens));
  else for (const token of tokens) out(escaped(lineOf(token, Date.now())));
  return EXIT.ok;
}

async function revoke(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json, subject } = readSubject("token revoke", argv, "a token's id", common);
  // Somebody who pastes the whole token has it in the shell's history; it is not repeated here.
  if (!/^[0-9a-f]{16}$/u.test(subject)) {
    throw new UsageError("Cannot revoke it: a token's id has 16 digits, as token list shows it");
  }
  if (!(await deskOf(composition).revoke(config ?? composition.defaultConfiguration, subject))) {
    throw new Error(`Cannot revoke "${subject}": there is no such token`);
  }
  out(json === true ? JSON.stringify({ id: subject, revoked: true }) : `revoked ${subject}`);
  return EXIT.ok;
}

const spans: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time to come, written as such or as `30d`, `12h`, `90m` from now. */
function endOf(text: string, now: number): string {
  const [, amount = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/u.exec(text) ?? [];
  const ends =
    amount === ""
      ? instantOf(text)
      : new Date(now + Number(amount) * (spans[unit] ?? 0)).toISOString();
  if (Date.parse(ends) > now) return ends;
  throw new UsageError(`Cannot use --expires ${text}: that is over already`);
}

function lineOf(token: ShownToken, now: number): string {
  const { id, user, workspace, created, expires, session, used, operator } = token;
  const isOver = expires !== undefined && Date.parse(expires) <= now;
  const end = session
    ? "until the next start"
    : expires === undefined
      ? "until it is revoked"
      : `${isOver ? "EXPIRED" : "until"} ${expires}`;
  const last = used === undefined ? "never used" : `used ${used}`;
  const place = operator ? "as operator" : `in ${workspace}`;
  return `${id}  ${user} ${place}  made ${created}  ${end}  ${last}`;
}

function deskOf({ tokens }: Composition): TokenDesk {
  if (tokens) return tokens;
  throw new Error("Cannot reach tokens: this command belongs to no gateway that has any");
}
