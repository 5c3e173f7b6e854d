import { resolve } from "node:path";
import type { JournalRecord } from "@sigilrt/journal";
import { foldSteps } from "@sigilrt/mission";
import { readSubject } from "../command-line.ts";
import type { Composition } from "../composition.ts";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { parseMissionFile } from "./mission-file.ts";
import { readMission, type ReadMission } from "./mission-journal.ts";
import type { MissionDesk } from "./mission-place.ts";
import { readMissionText } from "./read-mission-file.ts";

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;

/** Runs a verb on missions. */
export function runMissionVerb(
  verb: string,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "run":
      return run(argv, composition, terminal);
    case "show":
      return show(argv, composition, terminal);
    case "verify":
      return verify(argv, composition, terminal);
    default:
      throw new UsageError(`Cannot run "mission ${verb}": after mission comes run, show or verify`);
  }
}

async function run(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json, subject, user, repository, resume } = readSubject(
    "mission run",
    argv,
    "a mission file",
    {
      ...common,
      user: { type: "string" },
      repository: { type: "string" },
      resume: { type: "string" },
    },
  );
  if (user === undefined) throw new UsageError("Cannot run mission run: it needs --user");
  const text = await readMissionText(subject);
  parseMissionFile(text);
  const report = await deskOf(composition).run(config ?? composition.defaultConfiguration, text, {
    user,
    repository: resolve(repository ?? "."),
    ...(resume === undefined ? {} : { resume }),
  });
  out(json === true ? JSON.stringify(report) : escaped(`${report.id} ${report.status}`));
  if (report.status === "ok") return EXIT.ok;
  return report.status === "denied" ? EXIT.envelopeRefused : EXIT.undecided;
}

async function show(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json, subject } = readSubject("mission show", argv, "a mission's id", common);
  const { verdict, records } = await read(composition, config, subject);
  const steps = foldSteps(records);
  const facts = {
    ended:
      textIn(
        records.find(({ type }) => type === "mission.completed"),
        "status",
      ) ?? "running",
    spentMicroUsd: String(spentIn(records)),
    denials: denialsIn(records),
    verifies: verdict.ok,
  };
  if (json === true) {
    out(JSON.stringify({ steps, ...facts }));
    return EXIT.ok;
  }
  for (const { stepId, status, startedAt, completedAt } of steps) {
    out(escaped(`${stepId}  ${status}  ${startedAt} to ${completedAt ?? "now"}`));
  }
  for (const { step, type, denial } of facts.denials) {
    out(escaped(`denied  ${step} ${type}: ${denial}`));
  }
  out(escaped(`${facts.ended}; spent ${facts.spentMicroUsd} micro-dollars`));
  if (!verdict.ok) out(`DOES NOT VERIFY: ${verdict.kind}; mission verify says where`);
  return EXIT.ok;
}

async function verify(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const options = { ...common, checkpoint: { type: "string", multiple: true } } as const;
  const { config, json, subject, checkpoint } = readSubject(
    "mission verify",
    argv,
    "a mission's id",
    options,
  );
  const { verdict } = await read(composition, config, subject, checkpoint);
  if (json === true) out(JSON.stringify(verdict));
  else if (verdict.ok) {
    const { records, anchored, sealed } = verdict;
    const end = sealed ? "sealed" : "not sealed, so that more may follow";
    out(`verifies: ${records} records, ${anchored} covered by a checkpoint; ${end}`);
  } else {
    const place = verdict.line === undefined ? "" : `, line ${verdict.line}`;
    out(`DOES NOT VERIFY: ${verdict.kind}${place}`);
  }
  return verdict.ok ? EXIT.ok : EXIT.notVerified;
}

async function read(
  composition: Composition,
  config: string | undefined,
  id: string,
  checkpoints: readonly string[] = [],
): Promise<ReadMission> {
  const place = await deskOf(composition).place(config ?? composition.defaultConfiguration);
  return readMission(place, id, checkpoints);
}

function deskOf({ missions }: Composition): MissionDesk {
  if (missions) return missions;
  throw new Error("Cannot reach missions: this command has no gateway");
}

const spentIn = (records: readonly JournalRecord[]): bigint =>
  records
    .filter(({ type }) => type === "budget.settled")
    .reduce((sum, record) => sum + BigInt(textIn(record, "micro_usd") ?? "0"), 0n);

interface Denial {
  readonly step: string;
  readonly type: string;
  readonly denial: string;
}

const denialsIn = (records: readonly JournalRecord[]): readonly Denial[] =>
  records.flatMap((record) => {
    const denial = record.type === "operation.completed" ? textIn(record, "denial") : undefined;
    if (denial === undefined) return [];
    return [{ step: textIn(record, "step_id") ?? "", type: textIn(record, "type") ?? "", denial }];
  });

function textIn(record: JournalRecord | undefined, key: string): string | undefined {
  const value = record?.body[key];
  return typeof value === "string" ? value : undefined;
}
