import type { ComponentChild } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { announce } from "./announce.tsx";
import type { Decision } from "./facts.ts";
import { Explanation } from "./explanation.tsx";
import { followDecisions, type LiveState } from "./live-decisions.ts";
import { Badge, Heading, Note, type Tone, When } from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

const SHOWN = 200;
const ANNOUNCE_MS = 5_000;

/** What is decided, while it is. */
export function DecisionsView({ signedOut }: { readonly signedOut: () => void }): ComponentChild {
  const [live, setLive] = useState<LiveState>({
    connection: "connecting",
    decisions: [],
    dropped: 0,
  });
  const [held, setHeld] = useState<LiveState>();
  const [isSpoken, setSpoken] = useState(false);
  const [text, setText] = useState("");
  const [isDenialsOnly, setDenialsOnly] = useState(false);
  const [explained, setExplained] = useState<string>();
  const speech = useRef({ newest: "", isSpoken: false });
  speech.current.isSpoken = isSpoken && !held;
  useEffect(() => {
    const over = new AbortController();
    void followDecisions(setLive, signedOut, over.signal);
    return () => over.abort();
  }, [signedOut]);
  const latest = useRef(live);
  latest.current = live;
  useEffect(() => {
    const timer = setInterval(() => {
      const { decisions } = latest.current;
      const before = decisions.findIndex(({ decision }) => decision === speech.current.newest);
      const fresh = before === -1 ? decisions : decisions.slice(0, before);
      speech.current.newest = decisions[0]?.decision ?? "";
      if (!speech.current.isSpoken || fresh.length === 0) return;
      const denied = fresh.filter(({ result }) => result === "denied").length;
      announce(`${fresh.length} new decisions, ${denied} denied`);
    }, ANNOUNCE_MS);
    return () => clearInterval(timer);
  }, []);
  const shown = held ?? live;
  const rows = useMemo(
    () => shown.decisions.filter((row) => isMeant(row, text, isDenialsOnly)).slice(0, SHOWN),
    [shown, text, isDenialsOnly],
  );
  const waiting = held ? countAfter(live.decisions, held.decisions[0]) : 0;
  return (
    <>
      <Heading text="Decisions" />
      <div class="tools">
        <label>
          Filter{" "}
          <input
            type="search"
            value={text}
            placeholder="plugin, person, capability"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label>
          <input
            type="checkbox"
            checked={isDenialsOnly}
            onChange={(event) => setDenialsOnly(event.currentTarget.checked)}
          />{" "}
          Denials only
        </label>
        <label>
          <input
            type="checkbox"
            checked={isSpoken}
            onChange={(event) => setSpoken(event.currentTarget.checked)}
          />{" "}
          Announce new ones
        </label>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held ? undefined : live)}
        >
          {held ? `Go on (${waiting} new)` : "Pause"}
        </button>
        <Badge {...connections[live.connection]} />
      </div>
      {shown.dropped > 0 ? (
        <Note tone="warn">
          {shown.dropped} decisions came too fast for this page; the audit has them.
        </Note>
      ) : null}
      {explained === undefined ? null : (
        <Explanation key={explained} decision={explained} close={() => setExplained(undefined)} />
      )}
      <div class="scroll" role="region" aria-label="Newest decisions" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Result</th>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">Reason</th>
              <th scope="col">
                <span class="unseen">Explain</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <DecisionRow key={row.decision} row={row} explain={setExplained} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p class="empty">Nothing was decided yet that fits.</p> : null}
      </div>
    </>
  );
}

const connections = {
  connecting: { tone: "plain", text: "connecting" },
  live: { tone: "good", text: "live" },
  lost: { tone: "warn", text: "connection lost, trying again" },
} as const satisfies Record<LiveState["connection"], { tone: Tone; text: string }>;

function DecisionRow({
  row,
  explain,
}: {
  readonly row: Decision;
  readonly explain: (decision: string) => void;
}): ComponentChild {
  const { at, result, capability = "", plugin, actor, workspace, reason, decision } = row;
  const isDenied = result === "denied";
  return (
    <tr class={isDenied ? "denied" : ""}>
      <td>
        <When at={at} />
      </td>
      <td>
        <Badge tone={isDenied ? "bad" : "good"} text={result} />
      </td>
      <td>
        <Untrusted text={capability === "" ? (plugin ?? "") : capability} />
      </td>
      <td>
        <Untrusted text={workspace === undefined ? actor : `${actor} in ${workspace}`} />
      </td>
      <td>{reason.replaceAll("_", " ")}</td>
      <td>
        <button type="button" class="small" onClick={() => explain(decision)}>
          Explain
          <span class="unseen">
            {" "}
            why {capability} was {result}
          </span>
        </button>
      </td>
    </tr>
  );
}

function isMeant(row: Decision, text: string, isDenialsOnly: boolean): boolean {
  if (isDenialsOnly && row.result !== "denied") return false;
  const { capability = "", plugin = "", actor, workspace = "", reason } = row;
  return `${capability} ${plugin} ${actor} ${workspace} ${reason}`
    .toLowerCase()
    .includes(text.trim().toLowerCase());
}

function countAfter(decisions: readonly Decision[], newest: Decision | undefined): number {
  const at = decisions.findIndex(({ decision }) => decision === newest?.decision);
  return at === -1 ? decisions.length : at;
}
