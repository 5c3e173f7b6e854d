import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { ask } from "./client.ts";
import type { ActReport, Plugin, PluginInFull } from "./facts.ts";
import {
  Act,
  Badge,
  Facts,
  Heading,
  IsolationRating,
  Lines,
  Note,
  Touches,
  type Tone,
  useAsked,
  useOutcome,
} from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

/** Every plugin that the gateway was told of. */
export function PluginsView(): ComponentChild {
  const { value: plugins, fault, again } = useAsked<readonly Plugin[]>("/v1/plugins", 3_000);
  return (
    <>
      <Heading text="Plugins" />
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {plugins?.length === 0 ? <p>No plugin is listed. Add one with sigil add.</p> : null}
      <ul class="cards">
        {(plugins ?? []).map((plugin) => (
          <li key={plugin.name}>
            <PluginCard plugin={plugin} again={again} />
          </li>
        ))}
      </ul>
    </>
  );
}

function PluginCard({
  plugin,
  again,
}: {
  readonly plugin: Plugin;
  readonly again: () => Promise<void>;
}): ComponentChild {
  const { name, state, version, type, tier, adapter, digest, reason, crashes, isolation } = plugin;
  const { outcome, attempt } = useOutcome();
  const id = `plugin-${name}`;
  const act = async (verb: string, body: object = {}): Promise<void> => {
    await attempt(() => ask<ActReport>("POST", `/v1/plugins/${name}/${verb}`, body), saidOf);
    await again();
  };
  const isKnown = version !== undefined;
  return (
    <article class="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          <Untrusted text={name} />
        </h2>
        <Badge {...standOf(state)} />
      </header>
      {isKnown ? <IsolationRating isolation={isolation} /> : null}
      <Facts
        rows={[
          ...(isKnown ? [["Version", <Untrusted text={version} />] as const] : []),
          ...(tier === undefined
            ? []
            : [["Tier", `${tier}, ${adapter ?? ""} ${type ?? ""}`] as const]),
          ["Crashes", String(crashes)],
          ...(digest === undefined
            ? []
            : [["Bytes", <code title={digest}>{shortOf(digest)}</code>] as const]),
        ]}
      />
      {reason === undefined ? null : (
        <Note tone={state === "awaiting_consent" ? "warn" : "bad"}>
          <Untrusted text={reason} />
        </Note>
      )}
      {isKnown ? <PluginDetails name={name} /> : null}
      <div class="acts" role="group" aria-label={`What can be done with ${name}`}>
        {state === "running" ? (
          <Act text="Stop" about={name} run={() => act("stop")} />
        ) : isKnown ? (
          <Act text="Start" about={name} run={() => act("start")} />
        ) : null}
        {state === "error" ? (
          <Act
            text="Clear quarantine and start"
            about={name}
            run={() => act("start", { clear_quarantine: true })}
          />
        ) : null}
        <Act text="Reload" about={name} run={() => act("reload")} />
        {isKnown ? <Act text="Roll back" about={name} run={() => act("rollback")} /> : null}
        {isKnown ? null : <a href={`#/review/${name}`}>Review {name}</a>}
      </div>
      {outcome}
    </article>
  );
}

/** What a plugin may touch, asked for when somebody wants to know. */
function PluginDetails({ name }: { readonly name: string }): ComponentChild {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        What it may touch<span class="unseen"> – {name}</span>
      </summary>
      {isOpen ? <Details name={name} /> : null}
    </details>
  );
}

function Details({ name }: { readonly name: string }): ComponentChild {
  const { value, fault } = useAsked<PluginInFull>(`/v1/plugins/${name}`);
  if (fault !== undefined) return <Note tone="bad">{fault}</Note>;
  if (!value) return <p>Looking…</p>;
  const { touches, granted, except, tools, warnings } = value;
  return (
    <>
      <Touches lines={touches} />
      <h3>Granted</h3>
      <Lines lines={granted.length === 0 ? ["nothing"] : granted} />
      {except.length === 0 ? null : (
        <>
          <h3>Never, whatever was granted</h3>
          <Lines lines={except} />
        </>
      )}
      <h3>Tools</h3>
      <Lines lines={tools ?? ["known once it has started"]} />
      {warnings.map((warning) => (
        <Note key={warning} tone="warn">
          <Untrusted text={warning} />
        </Note>
      ))}
    </>
  );
}

function saidOf({ plugin, outcome, message, version }: ActReport): [Tone, string] {
  const now = version === undefined ? "" : `, now ${version}`;
  const why = message === undefined ? "" : `: ${message}`;
  return [outcome === "refused" ? "bad" : "good", `${plugin}: ${outcome}${now}${why}`];
}

function standOf(state: string): { readonly tone: Tone; readonly text: string } {
  const text = state.replaceAll("_", " ");
  if (state === "running") return { tone: "good", text };
  if (state === "refused" || state === "error") return { tone: "bad", text };
  if (state === "discovered") return { tone: "plain", text: "ready, not started" };
  return { tone: state === "stopped" ? "plain" : "warn", text };
}

const shortOf = (digest: string): string =>
  `${digest.slice(digest.indexOf(":") + 1).slice(0, 16)}…`;
