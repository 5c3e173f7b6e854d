import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { announce } from "./announce.tsx";
import { ask, messageOf } from "./client.ts";
import type { Finding, Health } from "./facts.ts";
import { Act, Badge, Facts, Heading, IsolationRating, Note, useAsked, When } from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

/** How the gateway and the machine below it stand. */
export function HealthView(): ComponentChild {
  const { value, fault } = useAsked<Health>("/v1/health", 5_000);
  return (
    <>
      <Heading text="Health" />
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {value ? <Standing health={value} /> : null}
      <Examination />
    </>
  );
}

function Standing({ health }: { readonly health: Health }): ComponentChild {
  const { version, startedAt, generation, plugins, notices, isolation, audit } = health;
  return (
    <>
      <Facts
        rows={[
          ["Version", version],
          ["Running since", <When at={startedAt} />],
          ["Nodes", "this one"],
          ["Generation of grants", String(generation)],
          ["Plugins admitted", String(plugins)],
          [
            "Durability",
            audit.durability === "none" ? (
              <Badge tone="bad" text="none: unsafe" />
            ) : (
              audit.durability
            ),
          ],
        ]}
      />
      <h2>Programs of plugins</h2>
      <IsolationRating isolation={isolation} />
      {notices.map((notice) => (
        <Note key={notice} tone="plain">
          <Untrusted text={notice} />
        </Note>
      ))}
    </>
  );
}

const tones = { ok: "good", warning: "warn", failed: "bad" } as const;

function Examination(): ComponentChild {
  const [findings, setFindings] = useState<readonly Finding[]>();
  const [fault, setFault] = useState<string>();
  const examine = async (): Promise<void> => {
    setFault(undefined);
    try {
      const found = await ask<readonly Finding[]>("POST", "/v1/health/examine", {});
      setFindings(found);
      const open = found.filter(({ state }) => state !== "ok").length;
      announce(`Examined: ${found.length} things, ${open} of them want attention`);
    } catch (error) {
      setFault(messageOf(error));
    }
  };
  return (
    <section aria-labelledby="examine">
      <h2 id="examine">Examine the machine</h2>
      <p>The probes of sigil doctor; no plugin is started.</p>
      <Act text="Examine" about="the machine" run={examine} />
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {findings ? (
        <ul class="findings">
          {findings.map(({ subject, state, detail, remedy }) => (
            <li key={`${subject} ${detail}`}>
              <Badge tone={tones[state]} text={state} />
              <span>
                <strong>{subject}</strong>: <Untrusted text={detail} />
                {remedy === undefined ? null : (
                  <span class="remedy">
                    To mend it: <Untrusted text={remedy} />
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
