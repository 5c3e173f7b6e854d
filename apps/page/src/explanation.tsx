import type { ComponentChild } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Explained } from "./facts.ts";
import { Badge, Facts, Note, useAsked } from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

const sets: Readonly<Record<string, string>> = {
  deny: "What is denied to the plugin",
  plugin: "What the plugin was granted",
  handle: "What the handle holds",
  workspace: "What the workspace allows",
  user: "What the person may use",
  mission: "What the mission allows",
};

/** Why a decision was taken, and what would be decided now. */
export function Explanation({
  decision,
  close,
}: {
  readonly decision: string;
  readonly close: () => void;
}): ComponentChild {
  const { value, fault } = useAsked<Explained>(`/v1/decisions/${decision}`);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    <section class="panel" aria-labelledby="explained">
      <header>
        <h2 id="explained" ref={head} tabIndex={-1}>
          Why
        </h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </header>
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {value ? <Legs explained={value} /> : null}
    </section>
  );
}

function Legs({
  explained: { record, now, note },
}: {
  readonly explained: Explained;
}): ComponentChild {
  const { plugin = "", capability = "", actor, workspace = "", result, reason, log, seq } = record;
  return (
    <>
      <Facts
        rows={[
          ["Asked for", <Untrusted text={capability} />],
          ["By", <Untrusted text={workspace === "" ? actor : `${actor} in ${workspace}`} />],
          ["Plugin", <Untrusted text={plugin} />],
          ["Decided then", `${result}, ${reason.replaceAll("_", " ")}`],
          ["Record", `${log}, number ${seq}`],
        ]}
      />
      {note === undefined ? null : (
        <Note tone="plain">
          <Untrusted text={note} />
        </Note>
      )}
      {now ? (
        <>
          <h3>
            By the policy as it is now:{" "}
            {now.allowed ? "allowed" : `denied, ${now.reason.replaceAll("_", " ")}`}
          </h3>
          <ul class="legs">
            {now.legs.map(({ leg, passes, pattern }) => (
              <li key={leg}>
                <Badge tone={passes ? "good" : "bad"} text={passes ? "lets it pass" : "stops it"} />{" "}
                <strong>{sets[leg] ?? leg}</strong>{" "}
                {pattern === undefined ? (
                  <span>{leg === "deny" ? "no denial covers it" : "no pattern covers it"}</span>
                ) : (
                  <span>
                    by <code>{pattern}</code>
                  </span>
                )}
              </li>
            ))}
          </ul>
          {now.changes.map(({ text }) => (
            <Note key={text} tone="plain">
              To allow it: <Untrusted text={text} />
            </Note>
          ))}
        </>
      ) : null}
    </>
  );
}
