import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announce } from "./announce.tsx";
import { ask, messageOf } from "./client.ts";
import type { AuditFacts, AuditPage, AuditRecord, VerifiedLog } from "./facts.ts";
import { Act, Badge, Facts, Heading, Lines, Note, type Tone, useAsked, When } from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

/** What is on record, and whether the record is whole. */
export function AuditView(): ComponentChild {
  return (
    <>
      <Heading text="Audit" />
      <Standing />
      <Verification />
      <Timeline />
    </>
  );
}

function Standing(): ComponentChild {
  const { value, fault } = useAsked<AuditFacts>("/v1/audit/facts", 5_000);
  if (fault !== undefined) return <Note tone="bad">{fault}</Note>;
  if (!value) return null;
  const { durability, newest, anchored, anchors, index, lastError } = value;
  return (
    <>
      {durability === "none" ? (
        <Note tone="bad">Unsafe: durability is none, so a power cut loses decisions.</Note>
      ) : null}
      {lastError === undefined ? null : (
        <Note tone="bad">
          <Untrusted text={lastError} />
        </Note>
      )}
      <Facts
        rows={[
          ["Newest record", newest ? `number ${newest.seq} of ${newest.log}` : "none"],
          ["Written", <When at={newest?.at} />],
          ["Durability", durability],
          [
            "Checkpoints elsewhere",
            anchors === 0
              ? "none: a cut tail would not show; set audit.anchors"
              : `vouch for ${anchored} records`,
          ],
          ["Index", index],
        ]}
      />
    </>
  );
}

function Verification(): ComponentChild {
  const [isRunning, setRunning] = useState(false);
  const [found, setFound] = useState<{ readonly tone: Tone; readonly lines: readonly string[] }>();
  const verify = async (): Promise<void> => {
    setRunning(true);
    setFound(undefined);
    announce("Verifying the audit");
    const next = await ask<VerifiedLog>("POST", "/v1/audit/verify", {}).then(
      ({ verdict, lines }) => ({ tone: verdict.ok ? "good" : "bad", lines }) as const,
      (error: unknown) => ({ tone: "bad", lines: [messageOf(error)] }) as const,
    );
    setRunning(false);
    setFound(next);
    announce(next.lines[0] ?? "");
  };
  return (
    <section aria-labelledby="verify">
      <h2 id="verify">Verify</h2>
      <p>Every record is read and hashed again, from the first to the newest.</p>
      <Act text="Verify" about="the audit" look="main" run={verify} />
      {isRunning ? <progress aria-label="Verifying the audit" /> : null}
      {found ? (
        <div class={`note ${found.tone}`}>
          <Badge tone={found.tone} text={found.tone === "good" ? "whole" : "NOT WHOLE"} />
          <Lines lines={found.lines} />
        </div>
      ) : null}
    </section>
  );
}

function Timeline(): ComponentChild {
  const [plugin, setPlugin] = useState("");
  const [result, setResult] = useState("");
  const [records, setRecords] = useState<readonly AuditRecord[]>([]);
  const [cursor, setCursor] = useState<string>();
  const [fault, setFault] = useState<string>();
  const load = async (before: readonly AuditRecord[], from: string | undefined): Promise<void> => {
    const query = new URLSearchParams();
    if (plugin !== "") query.set("plugin", plugin);
    if (result !== "") query.set("result", result);
    if (from !== undefined) query.set("cursor", from);
    try {
      const page = await ask<AuditPage>("GET", `/v1/audit?${query}`);
      setRecords([...before, ...page.records]);
      setCursor(page.cursor);
      setFault(undefined);
    } catch (error) {
      setFault(messageOf(error));
    }
  };
  useEffect(() => void load([], undefined), [plugin, result]);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div class="tools">
        <label>
          Plugin{" "}
          <input
            type="search"
            value={plugin}
            onChange={(event) => setPlugin(event.currentTarget.value)}
          />
        </label>
        <label>
          Result{" "}
          <select value={result} onChange={(event) => setResult(event.currentTarget.value)}>
            <option value="">all</option>
            {["allowed", "denied", "ok", "failed"].map((word) => (
              <option key={word} value={word}>
                {word}
              </option>
            ))}
          </select>
        </label>
        <Act text="Newest" run={() => load([], undefined)} />
      </div>
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      <ol class="timeline" aria-label="Records, newest first">
        {records.map((record) => (
          <li key={`${record.log}/${record.seq}`}>
            <When at={record.at} />
            <Badge tone={toneOf(record.result)} text={record.result} />
            <span class="told">
              <strong>{wordsOf(record)}</strong>{" "}
              <Untrusted text={record.capability ?? record.plugin ?? ""} />
            </span>
            <span class="by">
              by{" "}
              <Untrusted
                text={
                  record.workspace === undefined
                    ? record.actor
                    : `${record.actor} in ${record.workspace}`
                }
              />
            </span>
          </li>
        ))}
      </ol>
      {records.length === 0 ? <p>No record fits.</p> : null}
      {cursor === undefined ? null : <Act text="Older" run={() => load(records, cursor)} />}
    </section>
  );
}

function wordsOf({ action, reason, result }: AuditRecord): string {
  const what = action === "capability_check" ? "decision" : action.replaceAll(".", " ");
  return reason === result || reason === "ok" ? what : `${what} (${reason.replaceAll("_", " ")})`;
}

const toneOf = (result: string): Tone =>
  result === "denied" || result === "failed" ? "bad" : "good";
